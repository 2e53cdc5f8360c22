import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CanonicalEvent, Channel, Message, Plugin, SendOutcome, Store } from '@waymark/core'
import { type VirtualClock, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { keptLines } from './lines.ts'
import { fallible } from './store-that-fails.ts'
import { configWith, DAY, HOUR, MINUTE, plan, START, world } from './world.ts'

const SECOND = 1_000
const folder = mkdtempSync(join(tmpdir(), 'waymark-delivery-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A channel that tells what it was asked to send and when, and answers as it is told. */
function channelOf(name: string, answer: (message: Message, signal: AbortSignal) => SendOutcome | Promise<SendOutcome>, more: Partial<Channel> = {}) {
  const asked: { readonly key: string; readonly at: number }[] = []
  const plugin: Plugin = {
    name,
    purpose: 'essential',
    channel: {
      name,
      reach: 'inside',
      send: async (message, _recipient, { clock, signal }) => {
        asked.push({ key: message.key, at: clock.now() - START })
        return answer(message, signal)
      },
      ...more,
    },
  }
  return { plugin, asked }
}

const SENT: SendOutcome = { status: 'sent' }
const BUSY: SendOutcome = { status: 'retry', reason: 'busy' }
const never = () => new Promise<SendOutcome>(() => {})

/** One message on each channel for whoever signs up. */
function configFor(store: Store, plugins: readonly Plugin[]) {
  const { did } = plan.behaviour
  const rules = plugins.map(({ name }) => plan.rule(`to-${name}`, { when: did('signed_up'), send: { channel: name, kind: 'note', content: {} } }))
  return configWith(store, plugins, { segments: [], rules, governance: {} })
}

const signUp = (userId: string, clock: VirtualClock): CanonicalEvent => ({
  ...{ type: 'track', event: 'signed_up', properties: {}, traits: {}, context: {}, integrations: {}, source: 'test' },
  ...{ userId, messageId: `${userId}@${clock.now()}`, timestamp: clock.now(), receivedAt: clock.now() },
})
const users = (count: number) => Array.from({ length: count }, (_, index) => `u${String(index).padStart(3, '0')}`)

async function running(plugins: readonly Plugin[], options: { file?: string; clock?: VirtualClock; store?: Store } = {}) {
  const clock = options.clock ?? virtualClock(START, { turns: 20 })
  const logger = keptLines()
  const { host } = await world({ config: configFor(options.store ?? sqlite(options.file ?? ':memory:'), plugins), clock, logger })
  const { store } = host.config
  return {
    ...{ host, clock, store, lines: logger.lines },
    signsUp: (...ids: string[]) => host.ingest(ids.map((id) => signUp(id, clock))),
    stateOf: async (user: string, channel: string) => (await store.messages(user)).find((message) => message.channel === channel),
    letters: () => store.deadLetters({ limit: 100 }),
  }
}

/** The files of a store as they are now, as a crash would leave them. */
function copyOf(file: string): string {
  const copy = `${file}.copy.db`
  for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix)
  return copy
}

describe('a receiver that takes nothing', () => {
  it('is asked ten times and then left alone; one message finds out whether it is back; others are not concerned', async () => {
    let isDown = true
    const down = channelOf('down', () => (isDown ? BUSY : SENT))
    const up = channelOf('up', () => SENT)
    const { host, clock, signsUp, lines, stateOf } = await running([down.plugin, up.plugin])
    await signsUp(...users(60))
    await host.settled()
    expect(down.asked).toHaveLength(10)
    expect(up.asked).toHaveLength(60)
    const [status] = await host.deliveries()
    expect(status).toEqual({
      ...{ plugin: 'down', stage: 'channel', waiting: 60, overdue: 0 },
      breaker: { state: 'open', since: START, failures: 10, reason: 'busy', retryAt: START + 30 * SECOND },
    })
    expect(lines.filter(({ message }) => message.startsWith('the receiver takes nothing'))).toMatchObject([
      { level: 'error', fields: { plugin: 'down', stage: 'channel', failures: 10, reason: 'busy' } },
    ])

    // One each time, 30 s after it opened, then after a minute, after two, and so on up to ten.
    await clock.moveTo(START + 30 * SECOND - 1)
    expect(down.asked).toHaveLength(10)
    await clock.moveTo(START + HOUR)
    expect(down.asked.slice(10).map(({ at }) => at / MINUTE)).toEqual([0.5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5, 45.5, 55.5])

    isDown = false
    await clock.moveTo(START + 2 * HOUR)
    expect((await host.deliveries())[0]).toMatchObject({ waiting: 0, overdue: 0, breaker: { state: 'closed', failures: 0 } })
    for (const user of users(60)) expect(await stateOf(user, 'down')).toMatchObject({ state: 'sent' })
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'the receiver takes what it is sent again' })
    await host.close()
  })

  it('is left alone for as long as it asks for', async () => {
    const { plugin, asked } = channelOf('down', () => ({ ...BUSY, afterMs: 20 * MINUTE }))
    const { clock, host, signsUp } = await running([plugin])
    await signsUp(...users(30))
    await clock.moveTo(START + 20 * MINUTE - 1)
    expect(asked).toHaveLength(10)
    await clock.moveTo(START + 20 * MINUTE)
    expect(asked).toHaveLength(11)
    await host.close()
  })

  it('that comes back after three days gets what is still true', async () => {
    let isDown = true
    const { plugin, asked } = channelOf('down', () => (isDown ? BUSY : SENT))
    const { clock, host, signsUp, stateOf } = await running([plugin])
    await signsUp(...users(40))
    await clock.moveTo(START + 3 * DAY)
    isDown = false
    await clock.moveTo(START + 3 * DAY + 2 * HOUR)
    const states = await Promise.all(users(40).map(async (user) => (await stateOf(user, 'down'))?.state))
    expect(states.filter((state) => state === 'sent')).toHaveLength(40)
    // Ten at once, and then one every ten minutes: 3 days.
    expect(asked.length).toBeLessThan(10 + 3 * 24 * 6 + 10 + 40)
    await host.close()
  })
})

describe('a message that may have arrived', () => {
  const lost: SendOutcome = { status: 'unknown', reason: 'line lost' }

  it('is sent again with its key while the receiver knows that, and then kept', async () => {
    const { plugin, asked } = channelOf('keyed', () => lost, { dedup: { windowMs: MINUTE } })
    const { clock, host, signsUp, stateOf, letters } = await running([plugin])
    await signsUp('u')
    await clock.moveTo(START + DAY)
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1)
    expect(asked.map(({ at }) => at / SECOND)).toEqual([0, 1, 3, 7, 15, 31])
    expect(await stateOf('u', 'keyed')).toMatchObject({ state: 'unknown', reason: 'line lost', unclearSince: START, attempts: 6 })
    expect(await letters()).toMatchObject([
      { stage: 'channel', plugin: 'keyed', reason: 'line lost', attempts: 6, version: host.engine.fingerprint, message: { profile: 'u', state: 'unknown' } },
    ])
    await host.close()
  })

  it('arrived after all: the receiver dropped the second', async () => {
    const answers = [lost, SENT]
    const { plugin } = channelOf('keyed', () => answers.shift() ?? lost, { dedup: { windowMs: DAY } })
    const { clock, host, signsUp, stateOf, letters } = await running([plugin])
    await signsUp('u')
    await clock.moveTo(START + HOUR)
    const message = await stateOf('u', 'keyed')
    expect(message).toMatchObject({ state: 'sent', attempts: 2 })
    expect(message).not.toHaveProperty('unclearSince')
    expect(await letters()).toEqual([])
    await host.close()
  })

  it('stays so when a later attempt is refused for the moment', async () => {
    const answers = [lost]
    const { plugin, asked } = channelOf('keyed', () => answers.shift() ?? BUSY, { dedup: { windowMs: 10 * SECOND } })
    const { clock, host, signsUp, stateOf } = await running([plugin])
    await signsUp('u')
    await clock.moveTo(START + DAY)
    expect(asked.map(({ at }) => at / SECOND)).toEqual([0, 1, 3, 7])
    expect(await stateOf('u', 'keyed')).toMatchObject({ state: 'unknown', reason: 'busy' })
    await host.close()
  })

  it('is kept at once by a channel that declares no keys', async () => {
    const { plugin, asked } = channelOf('mail', () => lost)
    const { clock, host, signsUp, stateOf } = await running([plugin])
    await signsUp('u')
    await clock.moveTo(START + DAY)
    expect(asked).toHaveLength(1)
    expect(await stateOf('u', 'mail')).toMatchObject({ state: 'unknown', reason: 'line lost' })
    await host.close()
  })

  it('because the channel hangs: its signal is aborted after 50 s, and after 55 s nobody waits any more', async () => {
    const aborted: number[] = []
    const hangs = (clock: () => number) => (_: Message, signal: AbortSignal) => {
      signal.addEventListener('abort', () => aborted.push(clock()))
      return never()
    }
    const clock = virtualClock(START, { turns: 10 })
    const mail = channelOf('mail', hangs(clock.now))
    const keyed = channelOf('keyed', hangs(clock.now), { dedup: { windowMs: 2 * MINUTE } })
    const { host, signsUp, stateOf } = await running([mail.plugin, keyed.plugin], { clock })
    await signsUp('u')
    await vi.waitFor(() => expect(mail.asked.length + keyed.asked.length).toBe(2))
    await clock.moveTo(START + 50 * SECOND - 1)
    expect(aborted).toEqual([])
    await clock.moveTo(START + 50 * SECOND)
    expect(aborted).toEqual([START + 50 * SECOND, START + 50 * SECOND])
    await clock.moveTo(START + HOUR)
    expect(await stateOf('u', 'mail')).toMatchObject({ state: 'unknown', reason: 'the channel had not answered after 55 s' })
    expect(await stateOf('u', 'keyed')).toMatchObject({ state: 'unknown', reason: 'the channel had not answered after 55 s' })
    expect(keyed.asked.map(({ at }) => at / SECOND)).toEqual([0, 56, 113])
    await host.close()
  })

  it('that is answered once its signal was aborted is what the channel says', async () => {
    const { plugin } = channelOf(
      'mail',
      (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ status: 'rejected', reason: 'full' }))),
    )
    const { clock, host, signsUp, stateOf } = await running([plugin])
    await signsUp('u')
    await vi.waitFor(async () => expect(await stateOf('u', 'mail')).toMatchObject({ attempts: 1 }))
    await clock.moveTo(START + 50 * SECOND)
    await host.settled()
    expect(await stateOf('u', 'mail')).toMatchObject({ state: 'rejected', reason: 'full' })
    await host.close()
  })

  it.each([
    ['is sent again by the next host while the receiver knows its key', 'keyed', 2 * MINUTE, 'sent', 1],
    ['is kept when the receiver no longer knows its key', 'late', 2 * MINUTE, 'unknown', 0],
    ['is kept where no keys are declared', 'mail', undefined, 'unknown', 0],
  ] as const)('because the host died while it was sent %s', async (_, name, windowMs, state, times) => {
    const file = join(folder, `${name}.db`)
    const dedup = windowMs === undefined ? {} : { dedup: { windowMs } }
    const before = channelOf(name, never, dedup)
    const first = await running([before.plugin], { file })
    await first.signsUp('u')
    await vi.waitFor(async () => expect(await first.stateOf('u', name)).toMatchObject({ attempts: 1, unclearSince: START }))
    // Never closed: the files as a crash would have left them.
    const copy = copyOf(file)

    const clock = virtualClock(name === 'late' ? START + HOUR : START, { turns: 10 })
    const after = channelOf(name, () => SENT, dedup)
    // At once: nobody else has it under way any more.
    const second = await running([after.plugin], { file: copy, clock })
    await second.host.settled()
    expect(await second.stateOf('u', name)).toMatchObject({ state })
    expect(after.asked).toHaveLength(times)
    if (state === 'unknown') expect(await second.letters()).toMatchObject([{ reason: expect.stringMatching(/^it may have arrived, and /), attempts: 1 }])
    await second.host.close()
  })

  it('and should no longer go is not taken for cancelled', async () => {
    const { plugin, asked } = channelOf('keyed', () => ({ status: 'unknown', reason: 'line lost' }), { dedup: { windowMs: DAY } })
    const when = plan.behaviour.inactive('24h')
    const rules = [plan.rule('come-back', { when, send: { channel: 'keyed', kind: 'note', content: {} } })]
    const { does, clock, host } = await world({ config: configWith(sqlite(':memory:'), [plugin], { segments: [], rules, governance: {} }) })
    await does('u', 'signed_up')
    await clock.moveTo(START + DAY)
    expect(asked).toHaveLength(1)
    await does('u', 'used', { feature: 'A' })
    await clock.moveTo(START + DAY + HOUR)
    expect(asked).toHaveLength(1)
    const reason = 'line lost; it may have arrived, and is not sent again: its condition is no longer true'
    expect(await host.config.store.messages('u')).toMatchObject([{ state: 'unknown', reason }])
    await host.close()
  })
})

describe('a store that cannot write for a moment', () => {
  it.each([
    ['has a message that was sent written as sent once it can, and not sent again', 5, 'sent'],
    ['for longer than its lease leaves a message that may have arrived', 90, 'unknown'],
  ] as const)('%s', async (_, seconds, state) => {
    const store = fallible(sqlite(':memory:'))
    const { plugin, asked } = channelOf('mail', () => {
      store.isFull = true
      return SENT
    })
    const { clock, host, signsUp, stateOf } = await running([plugin], { store })
    await signsUp('u')
    await clock.moveTo(START + seconds * SECOND)
    expect(await stateOf('u', 'mail')).toMatchObject({ state: 'queued', unclearSince: START })
    store.isFull = false
    await clock.moveTo(START + HOUR)
    expect(await stateOf('u', 'mail')).toMatchObject({ state })
    expect(asked).toHaveLength(1)
    await host.close()
  })
})

describe('a channel that answers', () => {
  it.each([
    ['nothing', undefined, 'nothing'],
    ['a word', 'ok', '"ok"'],
    ['another outcome', { status: 'delivered' }, '{"status":"delivered"}'],
  ])('%s has sent for all we know, and the log names it', async (_, answer, shown) => {
    const { plugin } = channelOf('mail', () => answer as never)
    const { host, signsUp, lines, letters } = await running([plugin])
    await signsUp('u')
    await host.settled()
    expect(await letters()).toMatchObject([{ message: { state: 'unknown' }, reason: `the channel answered ${shown} in place of an outcome` }])
    expect(lines.find(({ level }) => level === 'error')).toMatchObject({ fields: { plugin: 'mail', channel: 'mail', wrong: expect.stringContaining(shown) } })
    await host.close()
  })

  it('without a reason, or with a whole page of one, has a line of reason all the same', async () => {
    const { plugin } = channelOf('mail', ({ profile }) => ({ status: 'rejected', reason: profile === 'u' ? 'x'.repeat(10_000) : (undefined as never) }))
    const { host, signsUp, letters } = await running([plugin])
    await signsUp('u', 'v')
    await host.settled()
    expect((await letters()).map(({ reason }) => reason.length).sort((a, b) => a - b)).toEqual(['the plugin gave no reason'.length, 501])
    await host.close()
  })
})

describe('a slow receiver', () => {
  /** Answers so many milliseconds later. */
  const answering = (milliseconds: number, clock: VirtualClock) => () =>
    new Promise<SendOutcome>((resolve) => void clock.at(clock.now() + milliseconds, () => resolve(SENT)))

  it('a hundred times slower than another does not slow that by a millisecond, and never has more than ten messages in hand', async () => {
    const clock = virtualClock(START, { turns: 10 })
    const fast = channelOf('fast', answering(100, clock))
    let [inHand, most] = [0, 0]
    const slow = channelOf('slow', async () => {
      inHand += 1
      most = Math.max(most, inHand)
      const outcome = await answering(10 * SECOND, clock)()
      inHand -= 1
      return outcome
    })
    const { host, store, signsUp } = await running([fast.plugin, slow.plugin], { clock })
    for (let second = 0; second < 60; second += 1) {
      await clock.moveTo(START + second * SECOND)
      await signsUp(...users(20).map((user) => `${user}-${second}`))
    }
    await clock.moveTo(START + MINUTE)
    const sent = (await Promise.all(users(20).map((user) => store.messages(`${user}-59`)))).flat().filter(({ channel }) => channel === 'fast')
    expect(sent.map(({ state, sentAt = 0, decidedAt }) => [state, sentAt - decidedAt])).toEqual(
      Array.from({ length: 20 }, (_, index) => ['sent', index < 10 ? 100 : 200]),
    )
    expect(most).toBe(10)
    const [status] = await host.deliveries()
    expect(status).toMatchObject({ plugin: 'fast', waiting: 0, overdue: 0 })
    await clock.moveTo(START + HOUR)
    expect((await host.deliveries())[1]).toMatchObject({ plugin: 'slow', waiting: 0 })
    await host.close()
  })

  it('does not hold up the others of its own channel that get an answer', async () => {
    const clock = virtualClock(START, { turns: 10 })
    const { plugin } = channelOf('mail', ({ profile }) => (profile === 'u000' ? answering(40 * SECOND, clock)() : SENT))
    const { host, signsUp, stateOf } = await running([plugin], { clock })
    await signsUp(...users(1))
    await signsUp(...users(30).slice(1))
    await vi.waitFor(async () => expect(await stateOf('u029', 'mail')).toMatchObject({ state: 'sent', sentAt: START }))
    await clock.moveTo(START + MINUTE)
    expect(await stateOf('u000', 'mail')).toMatchObject({ state: 'sent', sentAt: START + 40 * SECOND })
    await host.close()
  })
})

it('a host that closes aborts what is under way once its time is up, keeps what it answers, and leaves the rest to the next start', async () => {
  const file = join(folder, 'closing.db')
  const { plugin } = channelOf('mail', ({ profile }, signal) =>
    profile === 'u' ? new Promise((resolve) => signal.addEventListener('abort', () => resolve({ status: 'retry', reason: 'not begun' }))) : never(),
  )
  const { host, clock, signsUp, stateOf } = await running([plugin], { file })
  await signsUp('u', 'v')
  await vi.waitFor(async () => expect(await stateOf('v', 'mail')).toMatchObject({ attempts: 1 }))
  const closing = host.close()
  await clock.moveTo(START + 45 * SECOND)
  await closing
  const store = sqlite(file)
  await store.open({ readOnly: true })
  expect(await store.messages('u')).toMatchObject([{ state: 'queued', reason: 'not begun' }])
  expect((await store.messages('u'))[0]).not.toHaveProperty('unclearSince')
  expect(await store.messages('v')).toMatchObject([{ state: 'queued', unclearSince: START }])
  await store.close()
})
