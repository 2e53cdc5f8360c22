import type { JsonObject, PluginContext } from '@waymark/core'
import { retryAfter, textOfError } from '@waymark/kit'
import mixpanel from 'mixpanel'
import { type Verdict, verdictOf } from './verdict.ts'
import { watched } from './watched-request.ts'

/** The SDK's own way to post rows to an endpoint, which its types leave out. */
export interface Client {
  send_request(options: { method: 'POST'; endpoint: string; data: readonly JsonObject[] }, callback: (error?: Error) => void): void
}

/** A client of Mixpanel's SDK. It splits the host from a port by itself and takes no scheme in it; the path stands apart. */
export function createClient(token: string, host: string): Client {
  const url = new URL(host)
  return mixpanel.init(token, {
    host: url.host,
    protocol: url.protocol.slice(0, -1),
    path: url.pathname.replace(/\/$/, ''),
    // Else the SDK takes any answer with the body 1 for a success, whatever its status.
    verbose: true,
  }) as unknown as Client
}

/** Posts updates of profiles or groups through the SDK. What counts is the status, which the SDK ignores, and then what it says. */
export function updateProfiles(
  client: Client,
  endpoint: '/engage' | '/groups',
  rows: readonly JsonObject[],
  timeout: number,
  { clock, signal }: Pick<PluginContext, 'clock' | 'signal'>,
): Promise<Verdict> {
  return watched(async (watch): Promise<Verdict> => {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    const error = await new Promise<Error | undefined>((resolve) => {
      ended.addEventListener('abort', () => {
        watch.request?.destroy()
        resolve(new Error(signal.aborted ? 'the host no longer waits' : `no answer within ${timeout} ms`))
      })
      if (ended.aborted) return resolve(new Error('the host no longer waits'))
      client.send_request({ method: 'POST', endpoint, data: rows }, resolve)
    })
    const { response } = watch
    if (response === undefined || (error !== undefined && ended.aborted)) {
      const left = (error as { code?: unknown } | undefined)?.code !== 'ECONNREFUSED'
      return { kind: 'later', reason: `no answer from Mixpanel: ${textOfError(error)}`, maybeTaken: left }
    }
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) return error === undefined ? { kind: 'taken' } : { kind: 'refused', reason: textOfError(error) }
    const headers = new Headers(Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]))
    return verdictOf(status, error?.message ?? '', retryAfter(headers, clock.now()))
  })
}
