/** The lines of a body as they come in, without their ends; empty ones are left out. */
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() as string
    for (const line of parts) if (line.trim() !== '') yield line
  }
  const last = rest + decoder.decode()
  if (last.trim() !== '') yield last
}
