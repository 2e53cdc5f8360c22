import type { WaymarkConfig } from '@waymark/core'
import { createHost } from './create-host.ts'
import { unavailable } from './failures.ts'
import type { Progress } from './health.ts'
import type { Host, HostOptions } from './host.ts'
import { alive, readiness } from './http.ts'
import { type Listening, listen } from './listen.ts'
import { CLOSE_WITHIN } from './shut-down.ts'

export interface ServeOptions {
  /** 0 takes a free one. Default 4747. */
  readonly port?: number
  /** Default loopback: a write key can speak for any user, so opening a host to a network is a decision. */
  readonly hostname?: string
}

export interface Served {
  readonly url: string
  readonly port: number
  /**
   * Answers new requests with 503, lets those under way end, closes the host and stops listening; waits at most `within` milliseconds
   * (default 30,000).
   */
  close(options?: { readonly within?: number }): Promise<void>
}

export interface Started extends Served {
  readonly host: Host
}

/** Default port of a host. */
export const PORT = 4747
/**
 * Kept of the time to close, in milliseconds and as a part of it: for answers on their way to a socket once the host has closed, and for the
 * process to end.
 */
const RESERVE = 2_000
const LARGEST_RESERVE = 0.2

/** Listens for HTTP. */
export async function serve(host: Host, options: ServeOptions = {}): Promise<Served> {
  return served(await listen(host.fetch, addressOf(options)), host)
}

/**
 * Listens at once and starts the host behind it, so that `/readyz` can tell how far the start has come; everything else is answered 503 until then.
 * Rejects as `createHost` does, and when the port cannot be had, before anything else is touched.
 */
export async function startHost(config: WaymarkConfig, options: ServeOptions & HostOptions = {}): Promise<Started> {
  let progress: Progress | undefined
  let handler = (request: Request): Promise<Response> => Promise.resolve(waitingRoom(request, progress))
  const listening = await listen((request) => handler(request), addressOf(options))
  try {
    const host = await createHost(config, {
      ...options,
      onProgress(made) {
        progress = made
        options.onProgress?.(made)
      },
    })
    handler = host.fetch
    return { ...served(listening, host), host }
  } catch (error) {
    await listening.close(0)
    throw error
  }
}

function served({ url, port, close }: Listening, host: Host): Served {
  return {
    url,
    port,
    async close({ within = CLOSE_WITHIN } = {}) {
      // It keeps listening meanwhile: who asks shall hear that it is closing, and not find nobody there.
      const reserve = Math.min(RESERVE, within * LARGEST_RESERVE)
      await host.close({ within: within - reserve })
      await close(reserve / 2)
    },
  }
}

function waitingRoom(request: Request, progress: Progress | undefined): Response {
  const { pathname } = new URL(request.url)
  if (pathname === '/healthz') return alive()
  if (pathname !== '/readyz') return unavailable('STARTING', 'the host is starting; send it again', 5)
  return readiness({ ready: false, state: 'starting', reason: progress?.doing ?? 'opening the store', ...(progress === undefined ? {} : { progress }) })
}

function addressOf({ port = PORT, hostname = '127.0.0.1' }: ServeOptions): { readonly port: number; readonly hostname: string } {
  return { port, hostname }
}
