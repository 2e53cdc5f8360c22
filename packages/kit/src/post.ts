import type { PluginContext } from '@waymark/core'

export interface Outgoing {
  readonly url: string | URL
  /** Default POST. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Milliseconds for the whole of it, body included. Default 10,000. */
  readonly timeout?: number
  /** How much of the answer's body is read, in bytes. Default 1 MB. */
  readonly mostBytes?: number
}

/** What came back. `isWhole`: false where the body had more than `mostBytes`, of which `body` is the beginning. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly body: string; readonly isWhole: boolean }
  /**
   * `left`: the request may have arrived, and been acted on. False only where no connection came about at all.
   * `reason` names the host and what was wrong.
   */
  | { readonly kind: 'silent'; readonly left: boolean; readonly reason: string }

const TIMEOUT = 10_000
const MOST_BYTES = 1024 * 1024

/** No connection came about: nobody can have got anything. */
const NEVER_LEFT: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED']

/**
 * One request with an end: it never follows a redirect, which would leave the body behind, never outlives its time or the host, and
 * never throws.
 */
export async function post(outgoing: Outgoing, { signal }: Pick<PluginContext, 'signal'>): Promise<Answer> {
  const { url, method = 'POST', headers = {}, body, timeout = TIMEOUT, mostBytes = MOST_BYTES } = outgoing
  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      ...(body === undefined ? {} : { body: body as string }),
    })
    return { kind: 'answered', status: response.status, headers: response.headers, ...(await textOf(response, mostBytes)) }
  } catch (error) {
    return { kind: 'silent', left: !NEVER_LEFT.includes(codeOf(error) ?? ''), reason: `no answer from ${new URL(url).host}: ${textOfError(error)}` }
  }
}

async function textOf(response: Response, mostBytes: number): Promise<{ readonly body: string; readonly isWhole: boolean }> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let isWhole = true
  for (let size = 0; reader !== undefined; ) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > mostBytes) {
      await reader.cancel()
      isWhole = false
      break
    }
    text += decoder.decode(value, { stream: true })
  }
  return { body: text + decoder.decode(), isWhole }
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined
  return typeof cause?.code === 'string' ? cause.code : undefined
}

/** What an error says, with the code beneath it where there is one: `fetch failed (ECONNREFUSED)`. */
export function textOfError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause as { code?: unknown; message?: unknown } | undefined
  const detail = cause?.code ?? cause?.message
  return detail === undefined ? error.message : `${error.message} (${String(detail)})`
}
