import { type WaymarkConfig, WaymarkError } from '@waymark/core'
import { type HostOptions, type Started, startHost } from '@waymark/host'

export interface Address {
  readonly port: number
  readonly host: string
}

/**
 * A host that listens, or undefined when it was asked to stop before it was ready: nothing was taken in by then, so there is nothing to
 * finish. A port that is taken is named, with what to do about it.
 */
export async function runningHost(config: WaymarkConfig, address: Address, options: HostOptions, stopped: Promise<void>): Promise<Started | undefined> {
  try {
    return await Promise.race([startHost(config, { ...options, port: address.port, hostname: address.host }), stopped.then(() => undefined)])
  } catch (error) {
    throw describeListenError(error, address)
  }
}

function describeListenError(error: unknown, { port, host }: Address): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    return new WaymarkError('PORT_TAKEN', `port ${port} on ${host} is taken: another program, or another Waymark, listens there`, {
      mend: 'stop that one, or choose another with --port (0 takes any free one)',
      cause: error,
    })
  }
  if (code === 'EACCES')
    return new WaymarkError('PORT_DENIED', `this user may not listen on port ${port}`, { mend: 'choose one above 1023 with --port', cause: error })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new WaymarkError('ADDRESS_UNKNOWN', `this machine has no address ${host}`, {
      mend: 'use --host 127.0.0.1, or 0.0.0.0 for all networks',
      cause: error,
    })
  return error
}
