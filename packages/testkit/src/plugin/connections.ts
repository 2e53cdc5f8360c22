import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

const CHANNEL = 'net.client.socket'
const OWN: readonly string[] = ['localhost', '127.0.0.1', '::1', '::ffff:127.0.0.1']

export interface Connections {
  /** Hosts and addresses beyond this machine that somebody tried to reach. */
  readonly elsewhere: readonly string[]
  end(): void
}

/** Watches every outgoing TCP connection of this process, whatever library makes it. */
export function watchConnections(): Connections {
  const elsewhere: string[] = []
  const note = (host: string | undefined) => {
    if (host !== undefined && !OWN.includes(host)) elsewhere.push(host)
  }
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    socket.on('lookup', (_error, _address, _family, host) => note(host))
    socket.on('connect', () => note(socket.remoteAddress))
  }
  subscribe(CHANNEL, onSocket)
  return { elsewhere, end: () => void unsubscribe(CHANNEL, onSocket) }
}
