import { type WaymarkConfig, WaymarkError } from '@waymark/core'
import { createHost, type HostOptions, type Served, serve } from '@waymark/host'

export interface Address {
  readonly port: number
  readonly host: string
}

/** A host that listens. A port that is taken is named, with what to do about it. */
export async function startHost(config: WaymarkConfig, address: Address, options: HostOptions): Promise<Served> {
  const host = await createHost(config, options)
  try {
    return await serve(host, { port: address.port, hostname: address.host })
  } catch (error) {
    await host.close()
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
