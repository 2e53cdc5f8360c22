import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Analytics } from '@segment/analytics-node'
import type { CanonicalEvent } from '@waymark/core'
import { silentLogger, type VirtualClock, virtualClock } from '@waymark/host'
import { type HostApp, startHostApp } from '../src/host-app.ts'
import { type Mailbox, startMailbox } from '../src/mailbox.ts'
import type { Account } from '../src/server/model.ts'
import { hostAppConfig } from '../src/waymark.config.ts'
import { WRITE_KEYS } from '../src/write-keys.ts'

/** The product as a test runs it: free ports, a database of its own, a mail server, and a clock that stands until it is moved. */
export interface Running {
  readonly clock: VirtualClock
  readonly mailbox: Mailbox
  readonly app: HostApp
  /** Moves time on, and waits until everything that falls due on the way has been done. */
  pass(milliseconds: number): Promise<void>
  /** Signs somebody up over HTTP, as the page would; resolves when Waymark has heard of it. */
  signUp(person: { readonly name: string; readonly email: string; readonly emails?: boolean; readonly timezone?: string }): Promise<Account>
  /** Reports that the user did something, through Segment's server SDK; resolves when it is on disk. */
  report(userId: string, event: string, properties: Record<string, unknown>): Promise<void>
  /** The user's events, oldest first. */
  events(userId: string): Promise<readonly CanonicalEvent[]>
  /** Stops the product, lets time pass without it, and starts it again on the same database. */
  restart(after?: number): Promise<void>
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

  async function events(userId: string): Promise<readonly CanonicalEvent[]> {
    const { store } = app.host.config
    const profile = (await store.profilesOf([`user:${userId}`])).get(`user:${userId}`)
    if (profile === undefined) return []
    return (await store.history(profile)).flatMap(({ input }) => (input.kind === 'event' ? [input.event] : []))
  }

  return {
    clock,
    mailbox,
    get app() {
      return app
    },
    events,
    async pass(milliseconds) {
      await app.host.settled()
      await clock.moveTo(clock.now() + milliseconds)
      await app.host.settled()
    },
    async signUp({ name, email, emails = false, timezone }) {
      const response = await fetch(`${app.appUrl}/api/sign-up`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, email, consent: { personalization: false, marketing: emails }, timezone }),
      })
      const account = (await response.json()) as Account
      await eventually(
        () => events(account.id),
        (found) => found.some(({ event }) => event === 'signed_up') && found.some(({ type }) => type === 'identify'),
      )
      return account
    },
    async report(userId, event, properties) {
      const analytics = new Analytics({ writeKey: WRITE_KEYS.server, host: app.hostUrl, flushAt: 1 })
      analytics.track({ userId, event, properties })
      await analytics.closeAndFlush()
    },
    async restart(after = 0) {
      await app.close()
      await clock.moveTo(clock.now() + after)
      app = await open()
      await app.host.settled()
    },
    async close() {
      await app.close()
      await mailbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Asks again until it holds, for what crosses between processes in real time. Rejects with what was found last when it never does. */
export async function eventually<T>(look: () => Promise<T> | T, holds: (found: T) => boolean, within = 5_000): Promise<T> {
  const end = performance.now() + within
  for (;;) {
    const found = await look()
    if (holds(found)) return found
    if (performance.now() > end) throw new Error(`waited ${within} ms in vain; last: ${JSON.stringify(found)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
