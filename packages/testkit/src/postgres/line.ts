import { once } from 'node:events'
import { createServer, type Socket, connect as toServer } from 'node:net'

/** A way to a server on this machine that can be cut at the worst moments, to see what a store makes of it. */
export interface Line {
  readonly port: number
  /**
   * What becomes of the next COMMIT, and of its session. `request lost`: the server never hears of it; that of a session which has not
   * committed before. `answer lost`: it is carried out, and the client never hears of that.
   */
  cutAtCommit(what: 'request lost' | 'answer lost'): void
  /** Whether anybody else gets through; who is connected stays so. */
  isOpen: boolean
  /** Cuts off everybody; the server does not notice before it has an answer to give. */
  drop(): void
  /** Resolves when nobody is connected: by then the client knows as well. */
  empty(): Promise<void>
  close(): Promise<void>
}

export async function lineTo(port: number): Promise<Line> {
  const clients = new Set<Socket>()
  let cut: 'request lost' | 'answer lost' | undefined

  const server = createServer((client) => {
    if (!line.isOpen) {
      client.destroy()
      return
    }
    const upstream = toServer(port, 'localhost')
    clients.add(client)
    // What has been answered arrives; the client then closes its side too.
    const end = () => {
      client.end()
      upstream.destroy()
    }
    client.on('error', () => {})
    client.on('close', () => {
      clients.delete(client)
      upstream.destroy()
    })
    upstream.on('error', () => {})
    upstream.on('close', end)
    function isCut(what: typeof cut, bytes: Buffer): boolean {
      if (cut !== what || !bytes.includes('COMMIT')) return false
      cut = undefined
      end()
      return true
    }
    client.on('data', (bytes: Buffer) => {
      if (!isCut('request lost', bytes)) upstream.write(bytes)
    })
    upstream.on('data', (bytes: Buffer) => {
      if (!isCut('answer lost', bytes)) client.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()

  const line: Line = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    isOpen: true,
    cutAtCommit(what) {
      cut = what
    },
    drop() {
      for (const client of clients) client.destroy()
    },
    async empty() {
      await Promise.all([...clients].map((client) => once(client, 'close')))
    },
    async close() {
      for (const client of clients) client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return line
}
