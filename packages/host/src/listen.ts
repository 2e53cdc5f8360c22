import type { AddressInfo } from 'node:net'
import { serve as serveNode } from '@hono/node-server'

/** A port that is listened on. */
export interface Listening {
  readonly url: string
  readonly port: number
  /** Takes no new connections, lets answers that are on their way arrive, and cuts whatever is still open after `within` milliseconds. */
  close(within: number): Promise<void>
}

/** Rejects with Node's error when the port is taken or may not be used. */
export async function listen(
  fetch: (request: Request) => Promise<Response>,
  { port, hostname }: { readonly port: number; readonly hostname: string },
): Promise<Listening> {
  const { server, address } = await new Promise<{ server: ReturnType<typeof serveNode>; address: AddressInfo }>((resolve, reject) => {
    const listening = serveNode({ fetch, port, hostname }, (info) => resolve({ server: listening, address: info }))
    listening.once('error', reject)
  })
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${address.port}`,
    port: address.port,
    async close(within) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), within)
      await closed
      clearTimeout(cut)
    },
  }
}
