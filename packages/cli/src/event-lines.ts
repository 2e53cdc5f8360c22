import { createReadStream, statSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { WaymarkError } from '@waymark/core'

export interface EventFile {
  readonly lines: AsyncIterable<string>
  /** How much of it has been read, from 0 to 1; undefined when its length is not known. */
  share(): number | undefined
}

/** The lines of a file, or of stdin for `-`; packed with gzip or not. Throws `NOT_FOUND` when there is no such file. */
export function readEventFile(file: string): EventFile {
  let length: number | undefined
  let read = 0
  if (file !== '-') {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined)
      throw new WaymarkError('NOT_FOUND', `there is no file ${file}`, { mend: 'name a file of events, one JSON object a line, or - for stdin' })
    if (found.isDirectory()) throw new WaymarkError('USAGE', `${file} is a folder`, { mend: 'name a file of events, one JSON object a line' })
    length = found.isFile() ? found.size : undefined
  }
  async function* counted(): AsyncGenerator<Buffer> {
    const chunks: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 256 * 1024 })
    for await (const chunk of chunks) {
      read += chunk.length
      yield chunk
    }
  }
  return { lines: linesOf(counted(), file), share: () => (length === undefined || length === 0 ? undefined : read / length) }
}

/** Splits bytes into lines; bytes that begin as gzip does are unpacked first. Exported for its test. */
export async function* linesOf(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of unpacked(bytes)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR') {
      throw new WaymarkError('FILE_BROKEN', `${name} could not be unpacked to its end: it is cut off or damaged`, {
        place: name,
        mend: 'copy or download it again',
        cause: error,
      })
    }
    throw error
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

async function* unpacked(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = bytes[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  // A pipe may bring the two bytes that tell gzip one at a time.
  while (head.length < 2) {
    const next = await source.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  const all = (async function* () {
    yield head
    yield* { [Symbol.asyncIterator]: () => source }
  })()
  if (head[0] !== 0x1f || head[1] !== 0x8b) yield* all
  else yield* pipeline(Readable.from(all), createGunzip(), () => {}) as AsyncIterable<Buffer>
}
