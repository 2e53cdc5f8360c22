import type { PluginContext } from '@waymark/core'
import { post } from './post.ts'
import { retryAfter } from './retry-after.ts'

export interface MirrorOptions {
  /** Scheme and host of the vendor's ingestion: `https://api.mixpanel.com`. */
  readonly to: string
  /** Milliseconds to wait for the vendor. Default 5,000. */
  readonly timeout?: number
}

/** Headers that belong to the one connection, or that name this host. */
const OWN: readonly string[] = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'upgrade', 'expect', 'te', 'trailer', 'cookie']
const OF_THE_ANSWER: readonly string[] = ['content-type', 'retry-after', 'x-ratelimit-reset']

/**
 * Passes a request on to the vendor as it came: method, path, query, headers and the very bytes. Call it when the events are on disk.
 *
 * Resolves to what the sender should be told in place of our own answer, or to undefined where our own is right. So neither loses anything:
 * where the vendor could take nothing (no answer, 429, 5xx) the sender hears that, and comes back; what it sends then is known here by its
 * message ids and counts once. What the vendor refuses for good is the sender's to hear too.
 */
export async function mirror(
  request: { readonly method: string; readonly url: string; readonly headers: Headers },
  path: string,
  body: Uint8Array | undefined,
  options: MirrorOptions,
  context: Pick<PluginContext, 'clock' | 'signal' | 'log'>,
): Promise<{ readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, string>> } | undefined> {
  const url = new URL(path + new URL(request.url).search, options.to)
  const headers = Object.fromEntries([...request.headers].filter(([name]) => !OWN.includes(name) && !name.startsWith('x-forwarded-')))
  const answer = await post(
    { url, method: request.method, headers, timeout: options.timeout ?? 5_000, ...(body === undefined || body.length === 0 ? {} : { body }) },
    context,
  )
  if (answer.kind === 'silent') {
    context.log.warn('the vendor could not be reached for the mirror; the sender was asked to come back', { reason: answer.reason })
    return { status: 503, body: '', headers: { 'retry-after': '5' } }
  }
  if (answer.status < 300) return undefined
  const waitMs = retryAfter(answer.headers, context.clock.now())
  context.log.warn('the vendor did not take a mirrored request', { host: url.host, status: answer.status, ...(waitMs === undefined ? {} : { waitMs }) })
  const kept = OF_THE_ANSWER.flatMap((name) => {
    const value = answer.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return { status: answer.status, body: answer.body, headers: Object.fromEntries(kept) }
}
