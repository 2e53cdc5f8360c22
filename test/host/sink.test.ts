import type { CanonicalEvent, DeliveryOutcome, Plugin } from '@waymark/core'
import { type VirtualClock, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { describe, expect, it, vi } from 'vitest'
import { keptLines } from './lines.ts'
import { fallible } from './store-that-fails.ts'
import { configWith, DAY, HOUR, MINUTE, START, world } from './world.ts'

const SECOND = 1_000
const TAKEN: DeliveryOutcome = { status: 'delivered' }
const BUSY: DeliveryOutcome = { status: 'retry', reason: 'busy' }

type Answer = (events: readonly string[], signal: AbortSignal, clock: VirtualClock) => unknown

/** Sinks that tell by message id what they were given and what they took, and answer as they are told. */
async function running(answers: Readonly<Record<string, Answer>>, { maxBatch = 10, purpose = 'essential' as Plugin['purpose'] } = {}) {
  const clock = virtualClock(START, { turns: 10 })
  const logger = keptLines()
  const given: Record<string, { readonly ids: readonly string[]; readonly at: number }[]> = {}
  const taken: Record<string, string[]> = {}
  const plugins = Object.entries(answers).map(([name, answer]): Plugin => {
    given[name] = []
    taken[name] = []
    return {
      name,
      purpose,
      sink: {
        maxBatch,
        async deliver(events, { signal }) {
          const ids = events.map(({ messageId }) => messageId)
          given[name]?.push({ ids, at: clock.now() - START })
          const outcomes = (await answer(ids, signal, clock)) as readonly DeliveryOutcome[]
          if (Array.isArray(outcomes)) taken[name]?.push(...ids.filter((_, index) => outcomes[index]?.status === 'delivered'))
          return outcomes
        },
      },
    }
  })
  const store = fallible(sqlite(':memory:'))
  const { host } = await world({ config: configWith(store, plugins, { segments: [], rules: [] }), clock, logger })
  const event = (messageId: string, more: Partial<CanonicalEvent> = {}): CanonicalEvent => ({
    ...{ type: 'track', event: 'signed_up', properties: {}, traits: {}, context: {}, integrations: {}, source: 'test' },
    ...{ userId: 'u', messageId, timestamp: clock.now(), receivedAt: clock.now(), ...more },
  })
  return {
    ...{ host, clock, store, lines: logger.lines, given, taken },
    comes: (...all: (string | Partial<CanonicalEvent>)[]) => {
      const more = all.find((one) => typeof one === 'object')
      return host.ingest(all.filter((one) => typeof one === 'string').map((id) => event(id, more)))
    },
    letters: async () =>
      (await store.deadLetters({ limit: 100 })).map((letter) => (letter.stage === 'sink' ? { ...letter, event: letter.event.messageId } : letter)),
  }
}

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `e${String(from + index).padStart(4, '0')}`)
const each = (events: readonly string[], outcome: (id: string) => DeliveryOutcome) => events.map(outcome)

describe('a sink that takes nothing', () => {
  it('is asked ten times, then with one small batch at a time; nothing is lost, and others go on', async () => {
    let isDown = true
    const { host, clock, comes, given, taken, letters } = await running({
      down: (events) => each(events, () => (isDown ? BUSY : TAKEN)),
      up: (events) => each(events, () => TAKEN),
    })
    await comes(...ids(100))
    await clock.moveTo(START + HOUR)
    expect(taken['up']).toEqual(ids(100))
    expect(taken['down']).toEqual([])
    expect(given['down']?.slice(0, 10).map(({ at }) => at / SECOND)).toEqual([0, 1, 3, 7, 7, 23, 23, 53, 53, 83])
    expect(given['down']?.every(({ ids: batch }) => batch.length <= 10)).toBe(true)
    expect((await host.deliveries())[1]).toMatchObject({
      ...{ plugin: 'down', stage: 'sink', waiting: 100, overdue: HOUR },
      breaker: { state: 'open', failures: expect.any(Number), reason: 'busy' },
    })
    isDown = false
    await clock.moveTo(START + HOUR + 10 * MINUTE)
    expect(taken['down']).toHaveLength(100)
    expect(new Set(taken['down'])).toEqual(new Set(ids(100)))
    expect(await letters()).toEqual([])
    expect((await host.deliveries())[1]).toMatchObject({ waiting: 0, overdue: 0, breaker: { state: 'closed', failures: 0 } })
    await host.close()
  })

  it('for three days has everything when it is back', async () => {
    let isDown = true
    const { host, clock, comes, taken, letters } = await running({ down: (events) => each(events, () => (isDown ? BUSY : TAKEN)) })
    for (let day = 0; day < 3; day += 1) {
      await comes(...ids(500, 500 * day))
      await clock.moveTo(START + (day + 1) * DAY)
    }
    isDown = false
    await clock.moveTo(START + 3 * DAY + 20 * MINUTE)
    expect(new Set(taken['down'])).toEqual(new Set(ids(1_500)))
    expect(await letters()).toEqual([])
    await host.close()
  })

  it('is left alone for as long as it asks for, though not for ever', async () => {
    const { host, clock, comes, given } = await running({ busy: (events) => each(events, () => ({ ...BUSY, afterMs: 1e15 })) })
    await comes('a')
    await clock.moveTo(START + DAY - 1)
    expect(given['busy']).toHaveLength(1)
    await clock.moveTo(START + DAY)
    expect(given['busy']).toHaveLength(2)
    await host.close()
  })

  it('because it hangs has its signal aborted, and others do not wait', async () => {
    const aborted: number[] = []
    const { host, clock, comes, taken, lines } = await running({
      hangs: (_, signal, { now }) => {
        signal.addEventListener('abort', () => aborted.push(now() - START))
        return new Promise(() => {})
      },
      up: (events) => each(events, () => TAKEN),
    })
    await comes('a')
    await clock.moveTo(START + 3 * MINUTE)
    expect(aborted).toEqual([115 * SECOND])
    expect(taken['up']).toEqual(['a'])
    expect(lines).toContainEqual(expect.objectContaining({ fields: expect.objectContaining({ reason: 'the sink had not answered after 120 s' }) }))
    const closing = host.close()
    await clock.moveTo(START + 4 * MINUTE)
    await closing
  })
})

describe('an event that keeps failing while others pass', () => {
  const poison = (id: string): DeliveryOutcome => (id.startsWith('bad') ? { status: 'retry', reason: 'cannot digest it' } : TAKEN)

  it('is tried three times in line, then aside while the others go on, and is given up after twelve', async () => {
    const { host, clock, comes, given, taken, letters } = await running({ sink: (events) => each(events, poison) })
    await comes('a', 'bad', 'b')
    await clock.moveTo(START + 3 * SECOND)
    expect(taken['sink']).toEqual(['a', 'b'])
    expect(given['sink']?.map(({ at }) => at / SECOND)).toEqual([0, 1, 3])
    expect(await letters()).toMatchObject([
      { plugin: 'sink', stage: 'sink', event: 'bad', reason: 'cannot digest it', attempts: 3, retryAt: START + 7 * SECOND },
    ])
    for (let minute = 1; minute <= 90; minute += 1) {
      await comes(`m${minute}`)
      await clock.moveTo(START + minute * MINUTE)
    }
    expect(taken['sink']).toHaveLength(92)
    expect(given['sink']?.filter(({ ids: batch }) => batch.includes('bad'))).toHaveLength(12)
    const [letter] = await letters()
    expect(letter).toMatchObject({ event: 'bad', reason: 'given up after 12 attempts: cannot digest it', attempts: 12, version: host.engine.fingerprint })
    expect(letter).not.toHaveProperty('retryAt')
    await host.close()
  })

  it('is not given up for what failed while the sink took nothing else either', async () => {
    let isDown = false
    let isMended = false
    const { host, clock, comes, given, letters, taken } = await running({
      sink: (events) => each(events, (id) => (isDown || (id === 'bad' && !isMended) ? BUSY : TAKEN)),
    })
    await comes('a', 'bad')
    await clock.moveTo(START + 5 * SECOND)
    isDown = true
    await clock.moveTo(START + DAY)
    expect(given['sink']?.filter(({ ids: batch }) => batch.includes('bad')).length).toBeGreaterThan(20)
    isDown = false
    for (let minute = 0; minute < 10; minute += 1) {
      await comes(`m${minute}`)
      await clock.moveTo(START + DAY + minute * MINUTE)
    }
    expect(await letters()).toMatchObject([{ event: 'bad', attempts: 10, retryAt: expect.any(Number) }])
    isMended = true
    await clock.moveTo(START + DAY + HOUR)
    expect(taken['sink']).toHaveLength(12)
    expect(await letters()).toEqual([])
    await host.close()
  })

  it.each([1, 10, 100])('and takes its whole batch of %i down with it is found and set aside', async (maxBatch) => {
    const { host, clock, comes, taken, letters } = await running(
      { sink: (events) => each(events, () => (events.some((id) => id.startsWith('bad')) ? { status: 'retry', reason: '500 on the batch' } : TAKEN)) },
      { maxBatch },
    )
    await comes(...ids(70), 'bad', ...ids(70, 70))
    await clock.moveTo(START + 10 * MINUTE)
    expect(new Set(taken['sink'])).toEqual(new Set(ids(140)))
    expect(taken['sink']).toHaveLength(140)
    expect(await letters()).toMatchObject([{ event: 'bad', reason: '500 on the batch' }])
    await host.close()
  })

  it('and asks for a long wait does not hold up the others for it', async () => {
    const { host, clock, comes, taken, letters } = await running({
      sink: (events) => each(events, (id) => (id === 'bad' ? { ...BUSY, afterMs: HOUR } : TAKEN)),
    })
    await comes('a', 'bad')
    await clock.moveTo(START)
    await comes('b')
    await clock.moveTo(START + SECOND)
    expect(taken['sink']).toEqual(['a', 'b'])
    expect(await letters()).toMatchObject([{ event: 'bad', attempts: 1, retryAt: START + HOUR }])
    await host.close()
  })
})

describe('a sink that answers', () => {
  it.each([
    ['nothing', () => undefined, 'the sink answered nothing in place of a list of outcomes'],
    ['a single outcome', () => TAKEN, 'the sink answered {"status":"delivered"} in place of a list of outcomes'],
    ['other words', (events: readonly string[]) => events.map(() => ({ status: 'ok' })), 'the sink gave {"status":"ok"} in place of an outcome'],
  ])('%s loses nothing, and the log names it', async (_, answer, wrong) => {
    let isMended = false
    const { host, clock, comes, taken, lines } = await running({ sink: (events) => (isMended ? each(events, () => TAKEN) : answer(events)) })
    await comes('a', 'b')
    await clock.moveTo(START)
    expect(lines.find(({ level }) => level === 'error')).toMatchObject({ fields: { plugin: 'sink', wrong } })
    isMended = true
    await clock.moveTo(START + HOUR)
    expect(new Set(taken['sink'])).toEqual(new Set(['a', 'b']))
    await host.close()
  })

  it('too few outcomes has the rest tried again, and those alone', async () => {
    const { host, clock, comes, taken, lines } = await running({ sink: (events) => each(events.slice(0, 1), () => TAKEN) })
    await comes('a', 'b', 'c')
    await clock.moveTo(START + 10 * SECOND)
    expect(taken['sink']).toEqual(['a', 'b', 'c'])
    expect(lines.find(({ level }) => level === 'error')?.fields).toMatchObject({ wrong: 'the sink gave 1 outcomes for 3 events' })
    expect(lines.find(({ level }) => level === 'warn')?.fields).toMatchObject({ events: 2, reason: 'the sink gave no outcome for it' })
    await host.close()
  })
})

it('a store that cannot write for a moment has nothing brought to a sink twice', async () => {
  let calls = 0
  const { host, clock, comes, given, taken, store } = await running({
    sink: (events) => {
      calls += 1
      if (calls === 1) store.isFull = true
      return each(events, (id) => (id === 'bad' ? { status: 'rejected', reason: 'never' } : TAKEN))
    },
  })
  await comes('a', 'bad')
  await clock.moveTo(START + 5 * MINUTE)
  expect(given['sink']).toHaveLength(1)
  store.isFull = false
  await comes('b')
  await clock.moveTo(START + 6 * MINUTE)
  expect(taken['sink']).toEqual(['a', 'b'])
  expect(await store.deadLetters({ limit: 9 })).toMatchObject([{ reason: 'never' }])
  await host.close()
})

it('a store that cannot be asked for consent is asked again each second, and the sink gets nothing meanwhile', async () => {
  let calls = 0
  const { host, clock, comes, given, taken, store, lines } = await running({
    sink: (events) => {
      calls += 1
      store.isFull = calls === 1
      return each(events, () => (calls === 1 ? BUSY : TAKEN))
    },
  })
  await comes('a')
  await clock.moveTo(START + 10 * SECOND)
  expect(given['sink']).toHaveLength(1)
  expect(lines.filter(({ message }) => message === 'a sink could not read or write the store')).toHaveLength(10)
  store.isFull = false
  await clock.moveTo(START + 20 * SECOND)
  expect(taken['sink']).toEqual(['a'])
  await host.close()
})

describe('dead letters of a sink', () => {
  const sink = (isMended: () => boolean): Record<string, Answer> => ({
    sink: (events) => each(events, (id) => (id === 'bad' && !isMended() ? { status: 'rejected', reason: 'too long' } : TAKEN)),
  })

  it('are tried again when asked, once, and go when they are taken', async () => {
    let isMended = false
    const { host, clock, comes, taken, letters } = await running(sink(() => isMended))
    await comes('a', 'bad', 'b')
    await clock.moveTo(START + HOUR)
    expect(await letters()).toMatchObject([{ event: 'bad', reason: 'too long', attempts: 1 }])
    isMended = true
    expect(await host.retryDeadLetters({ plugin: 'sink' })).toBe(1)
    expect(await host.retryDeadLetters({})).toBe(1)
    await clock.moveTo(START + HOUR)
    expect(taken['sink']).toEqual(['a', 'b', 'bad'])
    expect(await letters()).toEqual([])
    expect(await host.retryDeadLetters({})).toBe(0)
    await host.close()
  })

  it('are given to nobody whose user has withdrawn consent meanwhile', async () => {
    const answers = sink(() => false)
    const { host, clock, comes, given, letters } = await running(answers, { purpose: 'marketing' })
    const says = (marketing: boolean) => ({ context: { consent: { categoryPreferences: { marketing } } } })
    await comes('bad', says(true))
    await clock.moveTo(START)
    expect(await letters()).toHaveLength(1)
    await comes('changed my mind', says(false))
    expect(await host.retryDeadLetters({})).toBe(1)
    await clock.moveTo(START + HOUR)
    expect(given['sink']?.map(({ ids: batch }) => batch)).toEqual([['bad']])
    expect(await letters()).toEqual([])
    await host.close()
  })
})

describe('a slow sink', () => {
  it('a hundred times slower than another does not slow that, and holds one batch in memory', async () => {
    const answering =
      (milliseconds: number): Answer =>
      (events, _, clock) =>
        new Promise((resolve) => void clock.at(clock.now() + milliseconds, () => resolve(each(events, () => TAKEN))))
    const { host, clock, comes, given, taken } = await running({ fast: answering(100), slow: answering(10 * SECOND) })
    const late: number[] = []
    for (let second = 0; second < 60; second += 1) {
      await comes(...ids(10, second * 10))
      await clock.moveTo(START + second * SECOND + 100)
      late.push(taken['fast']?.length ?? 0)
      await clock.moveTo(START + (second + 1) * SECOND)
    }
    expect(late).toEqual(Array.from({ length: 60 }, (_, index) => (index + 1) * 10))
    expect(given['slow']?.every(({ ids: batch }) => batch.length <= 10)).toBe(true)
    const [, fast, slow] = await host.deliveries()
    expect([fast?.waiting, fast?.overdue]).toEqual([0, 0])
    expect(slow).toMatchObject({ plugin: 'slow', waiting: 540, overdue: 54 * SECOND })
    await clock.moveTo(START + HOUR)
    expect(taken['slow']).toEqual(ids(600))
    await host.close()
  })
})

it('reads the log once for many batches', async () => {
  const { host, clock, comes, store, taken } = await running({ up: (events) => each(events, () => TAKEN) })
  const log = vi.spyOn(store, 'log')
  await comes(...ids(400))
  await clock.moveTo(START + SECOND)
  expect(taken['up']).toEqual(ids(400))
  expect(log.mock.calls.length).toBeLessThan(5)
  await host.close()
})
