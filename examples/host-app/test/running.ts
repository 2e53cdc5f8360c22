import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, type VirtualClock, virtualClock } from '@waymark/host'
import { type HostApp, startHostApp } from '../src/host-app.ts'
import { type Mailbox, startMailbox } from '../src/mailbox.ts'
import { hostAppConfig } from '../src/waymark.config.ts'

/** The product as a test runs it: free ports, a database of its own, a mail server, and a clock that stands until it is moved. */
export interface Running {
  readonly clock: VirtualClock
  readonly mailbox: Mailbox
  readonly app: HostApp
  /** Moves time on, and waits until everything that falls due on the way has been done. */
  pass(milliseconds: number): Promise<void>
  /** Stops the product and starts it again on the same database. */
  restart(): Promise<void>
  close(): Promise<void>
}

export async function run(start: number): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'host-app-'))
  const clock = virtualClock(start)
  const mailbox = await startMailbox({ port: 0, now: clock.now })
  const open = () =>
    startHostApp({
      config: hostAppConfig({ database: join(folder, 'test.db'), smtp: { host: '127.0.0.1', port: mailbox.port } }),
      ports: { app: 0, host: 0 },
      effects: { clock },
      logger: silentLogger,
      mailbox,
    })
  let app = await open()
  return {
    clock,
    mailbox,
    get app() {
      return app
    },
    async pass(milliseconds) {
      await app.host.settled()
      await clock.moveTo(clock.now() + milliseconds)
      await app.host.settled()
    },
    async restart() {
      await app.close()
      app = await open()
    },
    async close() {
      await app.close()
      await mailbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Asks again until it holds: for what crosses from one process to another in real time. */
export async function eventually<T>(look: () => Promise<T> | T, holds: (found: T) => boolean, within = 5_000): Promise<T> {
  const end = performance.now() + within
  for (;;) {
    const found = await look()
    if (holds(found) || performance.now() > end) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
