import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CanonicalEvent, definePlan, type Plugin, planFingerprint, type SendOutcome, type Store } from '@waymark/core'
import { discardDeadLettersOffline, replayQuarantine, retryDeadLettersOffline, type VirtualClock, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { keptLines } from './lines.ts'
import { configWith, DAY, HOUR, plan, recorder, START, toRecorder, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-aside-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const event = (messageId: string, name: string, properties: CanonicalEvent['properties'], at = START, more: Partial<CanonicalEvent> = {}): CanonicalEvent => ({
  ...{
    type: 'track',
    event: name,
    userId: 'u',
    messageId,
    timestamp: at,
    receivedAt: at,
    properties,
    traits: {},
    context: {},
    integrations: {},
    source: 'web',
  },
  ...more,
})

async function opened<T>(store: Store, read: (store: Store) => Promise<T>): Promise<T> {
  await store.open({ readOnly: true })
  try {
    return await read(store)
  } finally {
    await store.close()
  }
}

describe('a dead letter of a channel', () => {
  const failing: SendOutcome[] = [{ status: 'rejected', reason: 'no such person' }]

  async function failedOnce(file: string): Promise<VirtualClock> {
    const { does, host, clock } = await world({ config: configWith(sqlite(file), [recorder([...failing])]) })
    for (let times = 0; times < 2; times += 1) await does('u', 'used', { feature: 'A' })
    expect(await host.config.store.deadLetters({ limit: 9 })).toMatchObject([{ plugin: 'recorder', stage: 'channel', message: { state: 'rejected' } }])
    await host.close()
    return clock
  }

  it('asked for where no host runs goes out when one starts, once, however often it was asked for', async () => {
    const file = join(folder, 'retry.db')
    const clock = await failedOnce(file)
    const config = configWith(sqlite(file), [recorder()])
    expect(await retryDeadLettersOffline(config, { plugin: 'recorder' }, clock.now())).toBe(1)
    expect(await retryDeadLettersOffline(config, {}, clock.now())).toBe(0)
    const channel = recorder()
    const { host } = await world({ config: configWith(sqlite(file), [channel]), clock })
    await host.settled()
    expect(channel.sent).toMatchObject([{ key: `tip:u:${START}`, attempts: 0 }])
    expect(await host.config.store.deadLetters({ limit: 9 })).toEqual([])
    expect(await host.retryDeadLetters({})).toBe(0)
    await host.settled()
    expect(channel.sent).toHaveLength(1)
    await host.close()
  })

  it('asked for in the process of the host goes out at once, and fails again as a dead letter', async () => {
    const file = join(folder, 'retry-inside.db')
    const clock = await failedOnce(file)
    const { host } = await world({ config: configWith(sqlite(file), [recorder([...failing])]), clock })
    const again = async () => {
      expect(await host.retryDeadLetters({ plugin: 'recorder' })).toBe(1)
      await host.settled()
      return host.config.store.deadLetters({ limit: 9 })
    }
    expect(await again()).toMatchObject([{ reason: 'no such person', attempts: 1 }])
    expect(await again()).toEqual([])
    await expect(host.retryDeadLetters({ plugin: 'pigeon' })).rejects.toMatchObject({ code: 'NOT_FOUND', mend: expect.stringContaining('recorder') })
    await host.close()
  })

  it('no longer goes when it should not: consent is asked again', async () => {
    const file = join(folder, 'withdrawn.db')
    const clock = await failedOnce(file)
    const channel = recorder()
    const { host, does } = await world({ config: configWith(sqlite(file), [channel]), clock })
    await does('u', 'signed_up', {}, { context: { consent: { categoryPreferences: { personalization: false } } } })
    await host.retryDeadLetters({})
    await host.settled()
    expect(channel.sent).toEqual([])
    expect(await host.config.store.message(`tip:u:${START}`)).toMatchObject({ state: 'cancelled', reason: 'consent was withdrawn' })
    await host.close()
  })

  it('can be discarded; its message stays as it ended', async () => {
    const file = join(folder, 'discard.db')
    await failedOnce(file)
    const config = configWith(sqlite(file), [])
    expect(await discardDeadLettersOffline(config, { ids: [999] })).toBe(0)
    expect(await discardDeadLettersOffline(config, {})).toBe(1)
    expect(await opened(sqlite(file), (store) => store.messages('u'))).toMatchObject([{ state: 'rejected' }])
  })

  it('is not touched from outside while a host runs: the error says what to do', async () => {
    const file = join(folder, 'in-use.db')
    const clock = await failedOnce(file)
    const { host } = await world({ config: configWith(sqlite(file), []), clock })
    const config = configWith(sqlite(file), [])
    const refusal = { code: 'HOST_RUNNING', mend: expect.stringMatching(/stop the host.*host\.retryDeadLetters/) }
    await expect(retryDeadLettersOffline(config, {}, START)).rejects.toMatchObject(refusal)
    await expect(replayQuarantine(config)).rejects.toMatchObject({ code: 'HOST_RUNNING' })
    await host.close()
  })
})

describe('the quarantine', () => {
  const mended = definePlan({
    events: { ...plan.events, used: z.object({ feature: z.coerce.string(), seats: z.number().default(1) }), invited: z.object({}) },
    traits: plan.traits,
  })
  const rules = [mended.rule('tip', { when: mended.behaviour.did('used', { feature: '7' }).atLeast(2), send: toRecorder('tip') })]
  const mendedConfig = (file: string, plugins: readonly Plugin[] = []) => configWith(sqlite(file), plugins, { plan: mended, segments: [], rules })

  async function filled(file: string): Promise<VirtualClock> {
    const { host, clock } = await world({ config: configWith(sqlite(file), []) })
    const misfits = [
      event('1', 'used', { feature: 7 }),
      event('2', 'used', { feature: 7 }, START + 1),
      event('3', 'invited', {}, START + 2),
      event('4', 'usd', {}, START + 3),
      event('5', 'used', { feature: 7 }, START + 4, { userId: 'denies', context: { consent: { categoryPreferences: { analytics: false } } } }),
    ]
    const outcomes = await host.ingest(misfits)
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['quarantined']))
    await host.config.store.transaction((tx) => tx.quarantine([{ source: 'web', reason: 'not JSON', version: '', raw: '{' }], START))
    await host.close()
    return clock
  }

  it('gives back what fits the mended plan as if it had just come, and keeps the rest with the reason of now', async () => {
    const file = join(folder, 'replay.db')
    const clock = await filled(file)
    await clock.moveTo(START + HOUR)
    const before = await opened(sqlite(file), (store) => store.quarantined({ limit: 10 }))
    expect(before.find((item) => 'event' in item)).toMatchObject({ version: planFingerprint(plan) })
    const report = await replayQuarantine(mendedConfig(file), {}, { now: clock.now() })
    const reason = expect.stringMatching(/^usd: the plan has no such event/)
    expect(report).toEqual({ accepted: 3, duplicates: 0, refused: 1, misfits: 1, unreadable: 1, reasons: [{ reason, count: 1 }] })
    const left = await opened(sqlite(file), (store) => store.quarantined({ limit: 10 }))
    expect(left).toMatchObject([{ raw: '{' }, { event: { messageId: '4' }, reason, version: planFingerprint(mended) }])

    // When it happened and when it was taken in; and what it brought about goes out once a host starts.
    const history = await opened(sqlite(file), (store) => store.history('u'))
    const times = history.map(({ input }) => input.kind === 'event' && [input.event.messageId, input.event.timestamp, input.event.receivedAt])
    expect(times).toEqual([
      ['1', START, START + HOUR],
      ['2', START + 1, START + HOUR],
      ['3', START + 2, START + HOUR],
    ])
    const log = await opened(sqlite(file), (store) => store.log(0, 10))
    expect(log.map(({ input }) => input.kind === 'event' && input.event.messageId)).toEqual(['1', '2', '3', expect.anything()])
    const channel = recorder()
    const { host } = await world({ config: mendedConfig(file, [channel]), clock })
    await host.settled()
    expect(channel.sent).toMatchObject([{ rule: 'tip', profile: 'u', decidedAt: START + HOUR }])
    await host.close()
  })

  it('gives nothing twice: what was sent again meanwhile is a duplicate, and a second replay finds nothing', async () => {
    const file = join(folder, 'replay-twice.db')
    const clock = await filled(file)
    const { host } = await world({ config: mendedConfig(file), clock })
    await host.ingest([event('1', 'used', { feature: '7' }, clock.now())])
    await host.close()
    expect(await replayQuarantine(mendedConfig(file), {}, { now: clock.now() })).toMatchObject({ accepted: 2, duplicates: 1 })
    expect(await replayQuarantine(mendedConfig(file), {}, { now: clock.now() })).toMatchObject({ accepted: 0, duplicates: 0, refused: 0, misfits: 1 })
  })

  it('is replayed by source when asked so', async () => {
    const file = join(folder, 'replay-source.db')
    const clock = await filled(file)
    expect(await replayQuarantine(mendedConfig(file), { source: 'app' }, { now: clock.now() })).toMatchObject({ accepted: 0, misfits: 0, unreadable: 0 })
  })
})

describe('what is kept', () => {
  it('ends after its time and beyond its number, with a line that says how much', async () => {
    const clock = virtualClock(START)
    const logger = keptLines()
    const retention = { quarantine: { age: '2d', max: 20 }, deadLetters: { max: 3 } } as const
    const { host } = await world({ config: configWith(sqlite(':memory:'), [], { retention }), clock, logger })
    const { store } = host.config
    const count = async () => (await store.quarantined({ limit: 1_000 })).length
    await host.ingest(Array.from({ length: 30 }, (_, index) => event(`a${index}`, 'nothing', {})))
    await clock.moveTo(START)
    await host.settled()
    expect(await count()).toBe(20)
    await host.ingest([event('b', 'nothing', {})])
    const letter = (messageId: string) =>
      ({ at: START, stage: 'sink', plugin: 's', reason: 'r', attempts: 1, version: '', event: event(messageId, 'used', {}) }) as const
    await store.transaction((tx) => tx.deadLetter(['1', '2', '3', '4', '5'].map(letter)))
    await clock.moveTo(START + 6 * HOUR)
    expect(await count()).toBe(20)
    expect((await store.deadLetters({ limit: 9 })).map((one) => one.stage === 'sink' && one.event.messageId)).toEqual(['5', '4', '3'])
    await clock.moveTo(START + 2 * DAY + 6 * HOUR)
    expect(await count()).toBe(0)
    await clock.moveTo(START + 14 * DAY + 6 * HOUR)
    expect(await store.deadLetters({ limit: 9 })).toEqual([])
    expect(
      logger.lines.filter(({ message }) => message.endsWith('were dropped')).map(({ message, fields }) => [message.split(' ')[0], fields['dropped']]),
    ).toEqual([
      ['quarantine', 10],
      ['dead', 2],
      ['quarantine', 1],
      ['quarantine', 20],
      ['dead', 3],
    ])
    await host.close()
  })

  it('is looked over when a host starts', async () => {
    const file = join(folder, 'expired.db')
    const first = await world({ config: configWith(sqlite(file), []) })
    await first.host.ingest([event('a', 'nothing', {})])
    await first.host.close()
    const { host } = await world({ config: configWith(sqlite(file), []), clock: virtualClock(START + 15 * DAY) })
    expect(await host.config.store.quarantineTotals()).toEqual([])
    await host.close()
  })
})

describe('a source of which more than 5% does not fit', () => {
  const sends = (count: number, name: string, source: string, from: number) =>
    Array.from({ length: count }, (_, index) => event(`${source}-${name}-${from + index}`, name, name === 'used' ? { feature: 'A' } : {}, START, { source }))

  it('is named once an episode, with its reasons and what to do, and taken in all the same', async () => {
    const logger = keptLines()
    const { host } = await world({ logger })
    const alarms = () => logger.lines.filter(({ level }) => level === 'error')
    await host.ingest(sends(900, 'used', 'web', 0))
    await host.ingest(sends(40, 'usd', 'web', 0))
    await host.ingest(sends(60, 'usd', 'app', 0).slice(0, 50))
    expect(alarms()).toEqual([])
    await host.ingest(sends(20, 'usedd', 'web', 0))
    expect(alarms()).toMatchObject([
      {
        message: "more than 5% of what 'web' sends does not fit the plan",
        fields: {
          ...{ source: 'web', bad: 51, of: 951 },
          reasons: [expect.stringMatching(/^40 x usd: /), expect.stringMatching(/^11 x usedd: /)],
          mend: expect.stringContaining('waymark quarantine list --source web'),
        },
      },
    ])
    await host.ingest(sends(200, 'usd', 'web', 1_000))
    expect(alarms()).toHaveLength(1)
    expect((await host.ingest(sends(1_000, 'used', 'web', 10_000))).every(({ status }) => status === 'accepted')).toBe(true)
    expect(logger.lines.filter(({ message }) => message === 'a source sends what fits the plan again')).toHaveLength(1)
    await host.ingest(sends(60, 'usd', 'web', 20_000))
    expect(alarms()).toHaveLength(2)
    await host.close()
  })

  it('is known by what could not even be read as well', async () => {
    const logger = keptLines()
    let give: (() => Promise<void>) | undefined
    const reader: Plugin = {
      name: 'reader',
      purpose: 'essential',
      start: (context) => {
        give = () => context.quarantine(Array.from({ length: 51 }, () => ({ source: 'file', reason: 'not JSON', raw: '{' })))
      },
    }
    const { host } = await world({ plugins: [reader], logger })
    await give?.()
    expect(logger.lines.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { source: 'file', bad: 51, reasons: ['51 x not JSON'] } }])
    expect((await host.config.store.quarantined({ limit: 1 }))[0]).toMatchObject({ raw: '{', version: planFingerprint(plan) })
    await host.close()
  })
})
