import type { CanonicalEvent, Eraser, ErasureReceipt, Plugin, Store, Subject } from '@waymark/core'
import { readErasures, requestErasureOffline, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { expect, it } from 'vitest'
import { keptLines } from './lines.ts'
import { configWith, DAY, HOUR, MINUTE, recorder, START, world } from './world.ts'

const SECOND = 1_000

/** A vendor that keeps what it is given, and answers the wish to forget somebody as it is told. */
function vendor(answers: readonly (ErasureReceipt | Error)[], { check, takes = () => true }: { check?: Eraser['check']; takes?: () => boolean } = {}) {
  const got: string[] = []
  const asked: Subject[] = []
  const queue = [...answers]
  const plugin: Plugin = {
    name: 'vendor',
    purpose: 'essential',
    sink: {
      async deliver(events: readonly CanonicalEvent[]) {
        if (!takes()) return events.map(() => ({ status: 'retry', reason: 'down' }))
        got.push(...events.map(({ messageId, anonymousId }) => `${messageId}${anonymousId === undefined ? '' : ` ${anonymousId}`}`))
        return events.map(() => ({ status: 'delivered' }))
      },
    },
    eraser: {
      withinDays: 7,
      async erase(subject) {
        asked.push(subject)
        const answer = queue.shift() ?? { status: 'confirmed' }
        if (answer instanceof Error) throw answer
        return answer
      },
      ...(check === undefined ? {} : { check }),
    },
  }
  return { plugin, got, asked }
}

function kept(): Store {
  return { ...sqlite(':memory:'), close: async () => {} }
}

async function running(plugin: Plugin, store: Store = kept(), clock = virtualClock(START, { turns: 40 }), channel = recorder()) {
  const logger = keptLines()
  const made = await world({ config: configWith(store, [plugin, channel]), clock, logger })
  const comes = async (messageId: string, more: Partial<CanonicalEvent>) => {
    const event = { type: 'track', event: 'used', properties: { feature: 'A' }, traits: {}, context: {}, integrations: {}, source: 'test' } as const
    const [outcome] = await made.host.ingest([{ ...event, messageId, timestamp: clock.now(), receivedAt: clock.now(), ...more }])
    return outcome
  }
  return { ...made, store, comes, lines: logger.lines, sent: channel.sent, moves: (milliseconds: number) => clock.moveTo(clock.now() + milliseconds) }
}

const ERASED = { status: 'refused', reason: 'the user was erased' }

it('refuses what comes of the user under any id, gives no sink any of it, and asks each vendor by all their ids', async () => {
  let isUp = false
  const { plugin, got, asked } = vendor([{ status: 'confirmed', detail: 'gone' }], { takes: () => isUp })
  const { host, comes, moves, store, sent } = await running(plugin)
  await comes('before', { userId: 'u', anonymousId: 'web' })
  await comes('shared', { userId: 'w', anonymousId: 'web' })
  await moves(SECOND)
  const [job] = await host.erase('u')
  expect(job).toMatchObject({ plugin: 'vendor', state: 'waiting', askedAt: START + SECOND, dueBy: START + SECOND + 7 * DAY })
  expect(await comes('after', { userId: 'u' })).toEqual(ERASED)
  expect(await comes('visitor', { anonymousId: 'web' })).toEqual(ERASED)
  expect(await comes('other', { userId: 'w', anonymousId: 'web' })).toEqual({ status: 'accepted' })
  isUp = true
  await moves(3 * DAY)
  expect(asked).toEqual([{ profile: 'u', userIds: ['u'], anonymousIds: ['web'] }])
  expect([...got].sort()).toEqual(['other', 'shared'])
  expect((await store.history('u')).map(({ input }) => input.kind === 'event' && input.event.messageId)).toEqual(['before'])
  // Inactive for a day as they are, nothing is sent to them.
  expect(new Set(sent.map(({ profile }) => profile))).toEqual(new Set(['w']))
  const [receipt, ...more] = await host.erasures('web')
  expect(more).toEqual([])
  expect(receipt).toEqual({
    id: job?.id,
    person: job?.person,
    plugin: 'vendor',
    state: 'confirmed',
    detail: 'gone',
    attempts: 1,
    askedAt: START + SECOND,
    dueBy: job?.dueBy,
    endedAt: START + SECOND,
  })
  expect(JSON.stringify([await store.tombstones(), await store.erasures({})])).not.toMatch(/web|"u"/)
  await host.close()
})

it('holds from the moment it is written, also where the store answers slowly', async () => {
  const store = kept()
  const reads: PromiseWithResolvers<void>[] = []
  let isSlow = false
  /** Answers nothing about who is to be forgotten until it is told to. */
  async function slowly(): Promise<void> {
    if (!isSlow) return
    const one = Promise.withResolvers<void>()
    reads.push(one)
    await one.promise
  }
  const slow: Store = {
    ...store,
    cursor: (name) => slowly().then(() => store.cursor(name)),
    tombstones: () => slowly().then(() => store.tombstones()),
    erasures: (filter) => slowly().then(() => store.erasures(filter)),
  }
  const { host, comes, moves } = await running(vendor([]).plugin, slow)
  await comes('before', { userId: 'u' })
  isSlow = true
  const asked = host.erase('u')
  while (reads.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(await comes('meanwhile', { userId: 'u' })).toEqual(ERASED)
  isSlow = false
  for (const { resolve } of reads) resolve()
  expect(await asked).toHaveLength(1)
  await moves(SECOND)
  expect((await store.history('u')).length).toBe(1)
  await host.close()
})

it('that could not be written refuses nobody', async () => {
  const store = kept()
  const { host, comes } = await running(vendor([]).plugin, store)
  await comes('before', { userId: 'u' })
  const whole = store.transaction
  store.transaction = (work) =>
    whole((tx) =>
      work({
        ...tx,
        requestErasure: async () => {
          throw new Error('the disk is full')
        },
      }),
    )
  await expect(host.erase('u')).rejects.toThrow('the disk is full')
  store.transaction = whole
  expect(await comes('after', { userId: 'u' })).toEqual({ status: 'accepted' })
  await host.close()
})

it('asks a vendor when it has answered the events it was given before', async () => {
  const { plugin, got, asked } = vendor([])
  const answers = Promise.withResolvers<void>()
  const sink = plugin.sink as NonNullable<Plugin['sink']>
  const slow: Plugin = { ...plugin, sink: { deliver: (events, context) => answers.promise.then(() => sink.deliver(events, context)) } }
  const { host, comes, moves } = await running(slow)
  await comes('under way', { userId: 'u' })
  await moves(SECOND)
  await host.erase('u')
  await moves(MINUTE)
  expect([asked.length, got]).toEqual([0, []])
  answers.resolve()
  await moves(SECOND)
  expect([asked.length, got]).toEqual([1, ['under way']])
  await host.close()
})

it('cancels the messages that wait for them', async () => {
  const { plugin } = vendor([])
  const busy = recorder(Array.from({ length: 2 }, () => ({ status: 'retry', reason: 'busy', afterMs: HOUR })))
  const { host, comes, moves, store } = await running(plugin, kept(), virtualClock(START, { turns: 40 }), busy)
  for (const one of ['a', 'b']) for (const time of [1, 2]) await comes(`${one}${time}`, { userId: one })
  await moves(SECOND)
  expect((await store.messages('a')).map(({ state }) => state)).toEqual(['queued'])
  await host.erase('a')
  await moves(2 * HOUR)
  expect(busy.sent.map(({ profile }) => profile)).toEqual(['b'])
  expect((await store.messages('a')).map(({ state }) => state)).toEqual(['cancelled'])
  await host.close()
})

it('erases an id nothing is known of, and that alone', async () => {
  const { plugin, asked } = vendor([])
  const { host, comes, moves } = await running(plugin)
  expect(await host.erasures('ghost')).toEqual([])
  await host.erase('ghost')
  await host.erase('anon:tab')
  await moves(SECOND)
  expect(asked).toEqual([
    { profile: 'ghost', userIds: ['ghost'], anonymousIds: [] },
    { profile: 'anon:tab', userIds: [], anonymousIds: ['tab'] },
  ])
  expect(await comes('1', { userId: 'ghost' })).toEqual(ERASED)
  expect(await comes('2', { anonymousId: 'tab' })).toEqual(ERASED)
  expect(await comes('3', { anonymousId: 'ghost' })).toEqual({ status: 'accepted' })
  expect((await host.erasures('ghost')).map(({ state }) => state)).toEqual(['confirmed'])
  await host.close()
})

it('tries again what was not done, asks how it stands, and says when it is overdue', async () => {
  const checks: (readonly [unknown, number])[] = []
  const clock = virtualClock(START, { turns: 40 })
  const { plugin, asked } = vendor(
    [new Error('away'), { status: 'retry', reason: 'busy', afterMs: 10 * MINUTE }, { status: 'requested', reference: { job: 7 }, checkAfterMs: HOUR }],
    {
      async check(reference) {
        checks.push([reference, clock.now() - START])
        if (clock.now() < START + 8 * DAY) return { status: 'requested', reference: { job: 8 }, checkAfterMs: DAY }
        return { status: 'confirmed', detail: 'job 8 done' }
      },
    },
  )
  const { host, lines, moves } = await running(plugin, kept(), clock)
  await host.erase('u')
  await moves(HOUR)
  expect(asked).toHaveLength(3)
  expect((await host.erasures())[0]).toMatchObject({ state: 'requested', reference: { job: 7 }, attempts: 3 })
  await moves(10 * DAY)
  expect(checks[0]).toEqual([{ job: 7 }, 2 * HOUR - 50 * MINUTE + SECOND])
  expect(checks[1]?.[0]).toEqual({ job: 8 })
  expect(lines.filter(({ message }) => message === 'an erasure is overdue')).toHaveLength(1)
  expect((await host.erasures('u'))[0]).toMatchObject({ state: 'confirmed', detail: 'job 8 done' })
  await host.close()
})

it('keeps what failed with whom it is about, and asks anew when told to', async () => {
  const { plugin, asked } = vendor([{ status: 'failed', reason: 'no such project' }, { status: 'requested', reference: 1 }, 'nonsense' as never])
  const { host, lines, moves } = await running(plugin)
  await host.erase('u')
  await moves(DAY)
  expect((await host.erasures('u'))[0]).toMatchObject({ state: 'failed', reason: 'no such project', subject: { userIds: ['u'] } })
  expect(lines.some(({ level, message }) => level === 'error' && message.startsWith('an erasure failed'))).toBe(true)
  await host.erase('u')
  await moves(DAY)
  // Nobody can be asked how it stands: the vendor's word is the last.
  const [last] = await host.erasures('u')
  expect([last?.state, last?.nextAt, last?.subject]).toEqual(['requested', undefined, undefined])
  await host.erase('u')
  await moves(DAY)
  expect(asked).toHaveLength(2)
  await host.close()
})

it('goes on after a host that died while it asked, also with the memory of who was erased', async () => {
  const store = kept()
  const clock = virtualClock(START, { turns: 40 })
  const hangs = vendor([])
  let isDead = false
  const dying: Store = { ...store, transaction: (work) => (isDead ? new Promise<never>(() => {}) : store.transaction(work)) }
  const first = await running({ ...hangs.plugin, eraser: { erase: () => new Promise<never>(() => {}) } }, dying, clock)
  await first.comes('before', { userId: 'u' })
  await first.host.erase('u')
  await first.moves(SECOND)
  isDead = true
  const { plugin, asked } = vendor([])
  const second = await running(plugin, store, clock)
  expect(await second.comes('after', { userId: 'u' })).toEqual(ERASED)
  expect(asked).toEqual([])
  await second.moves(5 * MINUTE)
  expect(asked).toHaveLength(1)
  expect((await second.host.erasures('u'))[0]).toMatchObject({ state: 'confirmed', attempts: 2 })
  await second.host.close()
})

it('is written with no host running, and done when one starts', async () => {
  const store = kept()
  const { plugin, asked, got } = vendor([])
  const before = await running(plugin, store)
  await before.comes('once', { userId: 'u', anonymousId: 'web' })
  await before.moves(SECOND)
  await before.host.close()
  await requestErasureOffline(configWith(store, [plugin]), 'web', START)
  expect(await readErasures(store, 'u')).toMatchObject([{ state: 'waiting', subject: { userIds: ['u'], anonymousIds: ['web'] } }])
  const after = await running(plugin, store)
  await after.moves(SECOND)
  expect([asked.length, got]).toEqual([1, ['once web']])
  expect(await after.host.metrics()).toMatch(/waymark_erasures\{plugin="vendor",state="confirmed"\} 1/)
  await after.host.close()
})
