import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest, IncomingMessage } from 'node:http'

/** What the SDK's callback does not tell of its request. */
export interface Watched {
  /** The request, once it is made. */
  request?: ClientRequest
  /** The head of the answer, once it is there. */
  response?: IncomingMessage
}

const watching = new AsyncLocalStorage<Watched>()

/**
 * Calls `send`, and tells of the one HTTP request that it makes. Mixpanel's SDK keeps both the request, which must be ended when its time is up, and
 * the answer's status, which alone tells a 429 from bad data, to itself; Node.js announces them to whoever listens.
 */
export async function watched<T>(send: (watch: Watched) => Promise<T>): Promise<T> {
  const watch: Watched = {}
  const onStart = (message: unknown): void => {
    if (watching.getStore() === watch) watch.request ??= (message as { request: ClientRequest }).request
  }
  const onFinish = (message: unknown): void => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage }
    if (request === watch.request) watch.response = response
  }
  subscribe('http.client.request.start', onStart)
  subscribe('http.client.response.finish', onFinish)
  try {
    return await watching.run(watch, () => send(watch))
  } finally {
    unsubscribe('http.client.request.start', onStart)
    unsubscribe('http.client.response.finish', onFinish)
  }
}
