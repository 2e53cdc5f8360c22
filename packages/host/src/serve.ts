import type { AddressInfo } from 'node:net'
import { serve as serveNode } from '@hono/node-server'
import type { Host } from './create-host.ts'

export interface Served {
  readonly url: string
  readonly port: number
  /** Stops listening, ends open requests and closes the host. */
  close(): Promise<void>
}

/** Default port of a host. */
export const PORT = 4747

/** Listens for HTTP. Loopback by default: a write key can speak for any user, so opening a host to a network is a decision. */
export async function serve(host: Host, options: { readonly port?: number; readonly hostname?: string } = {}): Promise<Served> {
  const hostname = options.hostname ?? '127.0.0.1'
  const { server, address } = await new Promise<{ server: ReturnType<typeof serveNode>; address: AddressInfo }>((resolve, reject) => {
    const listening = serveNode({ fetch: host.fetch, port: options.port ?? PORT, hostname }, (info) => resolve({ server: listening, address: info }))
    listening.once('error', reject)
  })
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${address.port}`,
    port: address.port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // Streams end when the host closes; whatever else is still open after that is cut.
      await host.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}
