import type { AddressInfo } from 'node:net'
import { serve as serveNode } from '@hono/node-server'
import type { Logger, WaymarkConfig } from '@waymark/core'
import { createHost, type Host, type HostOptions, jsonLogger, type Served, serve, type VirtualClock } from '@waymark/host'
import type { Mailbox } from './mailbox.ts'
import { createAccounts } from './server/accounts.ts'
import { createServerAnalytics } from './server/analytics.ts'
import { createApp } from './server/app.ts'
import { bundle } from './server/bundle.ts'

export interface HostAppOptions {
  readonly config: WaymarkConfig
  /** 0 takes a free one. Default: 4800 for the product, 4747 for Waymark. */
  readonly ports?: { readonly app?: number; readonly host?: number }
  /** Given to the Waymark host. With a virtual clock among them the developer panel can move time. */
  readonly effects?: HostOptions['effects']
  readonly onCommit?: HostOptions['onCommit']
  /** Default: warnings and errors, as JSON lines on stderr. */
  readonly logger?: Logger
  /** Shown at /mailbox. */
  readonly mailbox?: Mailbox
}

export interface HostApp {
  readonly appUrl: string
  readonly hostUrl: string
  readonly host: Host
  /** Resolves when the product's own events have been sent and everything has been closed. */
  close(): Promise<void>
}

/** Starts the product, and the Waymark host beside it in the same process. */
export async function startHostApp(options: HostAppOptions): Promise<HostApp> {
  const { effects, mailbox } = options
  const logger = options.logger ?? jsonLogger('warn')
  // A page that cannot be built shall say so now, and not to the first visitor.
  await bundle()
  const host = await createHost(options.config, {
    logger,
    ...(effects === undefined ? {} : { effects }),
    ...(options.onCommit === undefined ? {} : { onCommit: options.onCommit }),
  })
  let served: Served | undefined
  try {
    served = await serve(host, options.ports?.host === undefined ? {} : { port: options.ports.host })
    const analytics = createServerAnalytics(served.url, (error) => logger.error('an event of the product could not be sent', { error: String(error) }))
    const clock = effects?.clock
    const app = createApp({
      accounts: createAccounts(),
      analytics,
      host,
      waymarkUrl: served.url,
      now: () => clock?.now() ?? Date.now(),
      logger,
      mailbox,
      clock: clock !== undefined && canMove(clock) ? clock : undefined,
    })
    const listening = await listen(app.fetch, options.ports?.app ?? 4800)
    const { close: closeHost, url } = served
    return {
      appUrl: listening.url,
      hostUrl: url,
      host,
      async close() {
        await listening.close()
        await analytics.close()
        await closeHost()
      },
    }
  } catch (error) {
    await (served === undefined ? host.close() : served.close())
    throw error
  }
}

function canMove(clock: object): clock is VirtualClock {
  return 'moveTo' in clock
}

async function listen(fetch: (request: Request) => Response | Promise<Response>, port: number): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { server, address } = await new Promise<{ server: ReturnType<typeof serveNode>; address: AddressInfo }>((resolve, reject) => {
    const listening = serveNode({ fetch, port, hostname: '127.0.0.1' }, (info) => resolve({ server: listening, address: info }))
    listening.once('error', reject)
  })
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}
