/** An answer that is no success; its message is meant for the person at the page. */
class Problem extends Error {}

/** Asks our own server. Throws a `Problem` with a sentence to show. */
export async function call<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/api${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
  } catch {
    throw new Problem('Fieldnotes cannot be reached. Is the server running?')
  }
  const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined)
  if (response.ok) return answer as T
  throw new Problem((answer as { problem?: string } | undefined)?.problem ?? 'Something went wrong. Please try again.')
}
