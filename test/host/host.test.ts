import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CanonicalEvent, DeliveryOutcome, Plugin, Store } from '@waymark/core'
import { explain } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { configWith, DAY, HOUR, MINUTE, plan, recorder, START, toRecorder, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-host-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The files of a store as they are now, as a crash would leave them. */
function copyOf(file: string): string {
  const copy = `${file}.copy.db`
  for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix)
  return copy
}

describe('events', () => {
  it('are accepted once, and a second time are duplicates', async () => {
    const { does } = await world()
    expect(await does('u', 'used', { feature: 'A' }, { messageId: 'same' })).toBe('accepted')
    expect(await does('u', 'used', { feature: 'A' }, { messageId: 'same' })).toBe('duplicate')
  })

  it('that do not fit the plan are quarantined with the reason, and the others of the request are kept', async () => {
    const { does, host } = await world()
    expect(await does('u', 'usd')).toMatch(/^quarantined: .*used/)
    expect(await does('u', 'used', { feature: 7 })).toMatch(/^quarantined: used\.properties\.feature/)
    expect(await does('u', 'used', { feature: 'A' })).toBe('accepted')
    const quarantined = await host.config.store.quarantined({ limit: 10 })
    expect(quarantined.map(({ reason }) => reason)).toHaveLength(2)
  })

  it('that cannot be written do not keep others of the same commit from being written', async () => {
    const store = sqlite(':memory:')
    const picky: Store = {
      ...store,
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            append(entries) {
              if (entries.some(({ input }) => input.kind === 'event' && input.event.messageId === 'poison')) throw new Error('no room for this one')
              return tx.append(entries)
            },
          }),
        ),
    }
    const { does } = await world({ config: configWith(picky, []) })
    const [before, poison, after] = await Promise.allSettled(['one', 'poison', 'two'].map((messageId) => does('u', 'used', { feature: 'A' }, { messageId })))
    expect(before).toMatchObject({ status: 'fulfilled', value: 'accepted' })
    expect(poison).toMatchObject({ status: 'rejected', reason: { message: 'no room for this one' } })
    expect(after).toMatchObject({ status: 'fulfilled', value: 'accepted' })
  })

  it('are refused with BUSY once the host is closing, and closing twice is one closing', async () => {
    const { does, host } = await world()
    const closing = [host.close(), host.close()]
    await expect(does('u', 'used', { feature: 'A' })).rejects.toMatchObject({ code: 'BUSY' })
    await Promise.all(closing)
  })

  it('of somebody who denies analytics leave no trace but the denial', async () => {
    const { does, host } = await world()
    const denial = { context: { consent: { categoryPreferences: { analytics: false } } } }
    expect(await does('u', 'used', { feature: 'secret' }, denial)).toMatch(/^refused/)
    expect(await does('u', 'used', { feature: 'secret' })).toMatch(/^refused/)
    const log = await host.config.store.log(0, 10)
    expect(log).toHaveLength(1)
    expect(JSON.stringify(log)).not.toContain('secret')
  })
})

describe('consent', () => {
  const denies = { context: { consent: { categoryPreferences: { analytics: false } } } }

  it('that a visitor denied holds for the user they turn out to be', async () => {
    const { does, host } = await world()
    await host.ingest([{ ...(await anonymous('used', { feature: 'secret' })), anonymousId: 'a1', ...denies }])
    expect(await does('u', 'used', { feature: 'secret' }, { anonymousId: 'a1' })).toMatch(/^refused/)
    expect(JSON.stringify(await host.config.store.log(0, 10))).not.toContain('secret')
  })

  it('denied on every event leaves one proof, not one an event', async () => {
    const { does, host } = await world()
    for (let time = 0; time < 5; time += 1) await does('u', 'used', { feature: 'A' }, denies)
    expect(await host.config.store.log(0, 10)).toHaveLength(1)
  })

  it('denied does not keep an answer from settling its message', async () => {
    const { does, host } = await world()
    await does('u', 'used', { feature: 'A' })
    await does('u', 'used', { feature: 'A' })
    await does('u', 'used', { feature: 'A' }, denies)
    expect(await host.conversation.answer({ userId: 'u' }, `tip:u:${START}`, 'dismissed')).toBe(true)
    expect(await host.conversation.open('u', 'recorder')).toEqual([])
  })
})

it('two hosts on one database are refused, before either can decide what the other decides', async () => {
  const file = join(folder, 'one-writer.db')
  const first = await world({ config: configWith(sqlite(file), []) })
  await expect(world({ config: configWith(sqlite(file), []) })).rejects.toMatchObject({ code: 'STORE_IN_USE', place: file })
  await first.host.close()
  const second = await world({ config: configWith(sqlite(file), []) })
  await second.host.close()
})

describe('closing', () => {
  it('lets what is under way end before the plugins stop, and one that fails to stop keeps nothing from being written', async () => {
    const file = join(folder, 'closing.db')
    const order: string[] = []
    const channel = recorder()
    const slow: Plugin = {
      ...channel,
      channel: {
        name: 'recorder',
        reach: 'inside',
        async send() {
          await new Promise((resolve) => setImmediate(resolve))
          order.push('sent')
          return { status: 'sent' }
        },
      },
      stop() {
        order.push('stopped')
        throw new Error('cannot stop')
      },
    }
    const { host, clock } = await world({ config: configWith(sqlite(file), [slow]) })
    const used = (messageId: string) => ({
      type: 'track' as const,
      event: 'used',
      messageId,
      userId: 'u',
      timestamp: START,
      receivedAt: START,
      properties: { feature: 'A' },
    })
    const rest = { traits: {}, context: {}, integrations: {}, source: 'test' }
    await host.ingest([
      { ...used('1'), ...rest },
      { ...used('2'), ...rest },
    ])
    await host.close()
    expect(order).toEqual(['sent', 'stopped'])
    const again = await world({ config: configWith(sqlite(file), [channel]), clock })
    expect((await again.host.census()).profiles).toBe(1)
    await again.host.close()
  })
})

describe('time alone', () => {
  it('settles a segment at its deadline, and not a millisecond before', async () => {
    const { does, host, clock } = await world()
    await does('u', 'signed_up')
    await clock.moveTo(START + 48 * HOUR - 1)
    expect((await host.census()).segments['engagement']).toEqual({ engaged: 0, 'at-risk': 0 })
    await clock.moveTo(START + 48 * HOUR)
    expect((await host.census()).segments['engagement']).toEqual({ engaged: 0, 'at-risk': 1 })
  })

  it('sends to the inactive once, and to somebody who came back only after another day', async () => {
    const channel = recorder()
    const { does, clock } = await world({ plugins: [channel] })
    await does('stays-away', 'signed_up')
    await does('comes-back', 'signed_up')
    await clock.moveTo(START + 20 * HOUR)
    await does('comes-back', 'used', { feature: 'B' })
    await clock.moveTo(START + 30 * HOUR)
    expect(channel.sent.map(({ profile }) => profile)).toEqual(['stays-away'])
    await clock.moveTo(START + 10 * DAY)
    expect(channel.sent.map(({ profile, decidedAt }) => `${profile} ${(decidedAt - START) / HOUR}h`)).toEqual(['stays-away 24h', 'comes-back 44h'])
  })

  it('goes on after a restart on the same store, also for what fell due meanwhile', async () => {
    const file = join(folder, 'restart.db')
    const first = await world({ config: configWith(sqlite(file), [recorder()]) })
    await first.does('u', 'signed_up')
    await first.does('v', 'signed_up')
    await first.host.close()

    const channel = recorder()
    const second = await world({ config: configWith(sqlite(file), [channel]), clock: first.clock })
    await second.clock.moveTo(START + 23 * HOUR)
    expect(channel.sent).toEqual([])
    await second.clock.moveTo(START + 24 * HOUR)
    expect(channel.sent.map(({ profile }) => profile).sort()).toEqual(['u', 'v'])
    await second.host.close()

    second.clock.jumpTo(START + 60 * HOUR)
    const third = await world({ config: configWith(sqlite(file), [channel]), clock: second.clock })
    await third.clock.moveTo(START + 60 * HOUR)
    await third.host.settled()
    expect((await third.host.census()).segments['engagement']).toEqual({ engaged: 0, 'at-risk': 2 })
    expect(channel.sent).toHaveLength(2)
    await third.host.close()
  })

  it('comes to the same state from the log alone as with a checkpoint', async () => {
    const file = join(folder, 'crash.db')
    const live = await world({ config: configWith(sqlite(file), [recorder()]) })
    for (let hour = 0; hour < 40; hour += 1) {
      await live.clock.moveTo(START + hour * HOUR)
      if (hour === 0) await live.does('u', 'signed_up')
      if (hour % 9 === 0) await live.does('u', 'used', { feature: 'AB'[hour % 2] as string })
      if (hour % 15 === 0) await live.does('v', 'used', { feature: 'A' })
    }
    const before = await live.host.census()
    const ledger = await live.host.config.store.decisions({})
    // Never closed: the files as a crash would have left them.
    const recovered = await world({ config: configWith(sqlite(copyOf(file)), [recorder()]), clock: live.clock })
    expect(await recovered.host.census()).toEqual(before)
    expect(await recovered.host.config.store.decisions({})).toEqual(ledger)
    await recovered.host.close()
  })
})

describe('identity', () => {
  it('joins what a visitor did to the user they turn out to be', async () => {
    const channel = recorder()
    const { does, host } = await world({ plugins: [channel] })
    const visitor = { anonymousId: 'a1' }
    await host.ingest([{ ...(await anonymous('used', { feature: 'A' })), ...visitor }])
    await does('u', 'used', { feature: 'A' }, visitor)
    expect(channel.sent.map(({ profile, rule }) => `${rule} to ${profile}`)).toEqual(['tip to u'])
    expect(await host.conversation.profileOf(visitor)).toBe('u')
    expect((await host.census()).profiles).toBe(1)
  })

  it('does not hand a device to the second user who signs in on it', async () => {
    const { does, host } = await world()
    await does('u', 'used', { feature: 'A' }, { anonymousId: 'shared' })
    await does('v', 'used', { feature: 'A' }, { anonymousId: 'shared' })
    expect(await host.conversation.profileOf({ anonymousId: 'shared' })).toBe('u')
    expect((await host.census()).profiles).toBe(2)
  })
})

describe('late events', () => {
  it('count where they belong, and what was sent is not sent again', async () => {
    const channel = recorder()
    const { does, clock } = await world({ plugins: [channel] })
    await does('u', 'used', { feature: 'A' })
    await clock.moveTo(START + HOUR)
    await does('u', 'used', { feature: 'A' })
    await does('u', 'used', { feature: 'A' }, { timestamp: START - HOUR })
    expect(channel.sent.map(({ rule }) => rule)).toEqual(['tip'])
  })
})

describe('the outbox', () => {
  it('tries again what asks for it, after the wait it asks for, with the same key', async () => {
    const channel = recorder([
      { status: 'retry', reason: 'busy', afterMs: 5 * MINUTE },
      { status: 'retry', reason: 'busy' },
    ])
    const { does, clock, host } = await world({ plugins: [channel] })
    await does('u', 'used', { feature: 'A' })
    await does('u', 'used', { feature: 'A' })
    await clock.moveTo(START + 5 * MINUTE - 1)
    expect(channel.sent).toEqual([])
    await clock.moveTo(START + 5 * MINUTE + 10_000)
    expect(channel.sent).toMatchObject([{ key: `tip:u:${START}`, attempts: 2 }])
    expect(await host.config.store.message(`tip:u:${START}`)).toMatchObject({ state: 'sent', attempts: 3 })
  })

  it('keeps what is refused for good, or may have arrived, with its reason', async () => {
    const channel = recorder([
      { status: 'rejected', reason: 'no such person' },
      { status: 'unknown', reason: 'line lost' },
    ])
    const { does, clock, host } = await world({ plugins: [channel] })
    for (const user of ['u', 'v']) {
      await does(user, 'used', { feature: 'A' })
      await does(user, 'used', { feature: 'A' })
    }
    await clock.moveTo(START + 2 * HOUR)
    expect(channel.sent).toEqual([])
    expect(await host.config.store.message(`tip:u:${START}`)).toMatchObject({ state: 'rejected', reason: 'no such person' })
    expect(await host.config.store.message(`tip:v:${START}`)).toMatchObject({ state: 'unknown', reason: 'line lost' })
  })

  it('gives up waiting for a channel that never answers, and goes on with the others', async () => {
    const channel = recorder()
    const send: NonNullable<Plugin['channel']>['send'] = (message, recipient, context) =>
      message.profile === 'u' ? new Promise(() => {}) : (channel.channel as NonNullable<Plugin['channel']>).send(message, recipient, context)
    const stuck: Plugin = { ...channel, channel: { name: 'recorder', reach: 'inside', send } }
    const { clock, host } = await world({ plugins: [stuck] })
    const used = (userId: string, messageId: string): CanonicalEvent => ({
      ...{ type: 'track', event: 'used', properties: { feature: 'A' }, traits: {}, context: {}, integrations: {}, source: 'test' },
      ...{ userId, messageId, timestamp: clock.now(), receivedAt: clock.now() },
    })
    await host.ingest([used('u', '1'), used('u', '2')])
    await vi.waitFor(async () => expect(await host.config.store.message(`tip:u:${START}`)).toMatchObject({ attempts: 1 }))
    await host.ingest([used('v', '3'), used('v', '4')])
    await clock.moveTo(START + MINUTE)
    await host.settled()
    expect(await host.config.store.message(`tip:u:${START}`)).toMatchObject({ state: 'unknown', reason: 'the channel had not answered after 55 s' })
    expect(channel.sent.map(({ profile }) => profile)).toEqual(['v'])
  })

  it('drops a message whose reason has gone while it waited', async () => {
    const channel = recorder([{ status: 'retry', reason: 'down', afterMs: HOUR }])
    const { does, clock, host } = await world({ plugins: [channel] })
    await does('u', 'signed_up')
    await clock.moveTo(START + 24 * HOUR + 10 * MINUTE)
    await does('u', 'used', { feature: 'B' })
    await clock.moveTo(START + 40 * HOUR)
    expect(channel.sent).toEqual([])
    expect(await host.config.store.message(`come-back:u:${START + DAY}`)).toMatchObject({ state: 'cancelled', reason: 'its condition is no longer true' })
  })
})

describe('answers', () => {
  it('settle a message, are events of the user, and count once', async () => {
    const changes: unknown[] = []
    const { does, host } = await world({ plugins: [recorder()] })
    host.conversation.watch((change) => change.kind === 'answered' && changes.push(change))
    await does('u', 'used', { feature: 'A' })
    await does('u', 'used', { feature: 'A' })
    const key = `tip:u:${START}`
    expect(await host.conversation.open('u', 'recorder')).toHaveLength(1)
    expect(await host.conversation.answer({ userId: 'someone-else' }, key, 'dismissed')).toBe(false)
    expect(await host.conversation.answer({ userId: 'u' }, key, 'dismissed')).toBe(true)
    expect(await host.conversation.answer({ userId: 'u' }, key, 'dismissed')).toBe(true)
    expect(await host.conversation.open('u', 'recorder')).toEqual([])
    expect(changes).toEqual([{ kind: 'answered', profile: 'u', key, interaction: 'dismissed' }])
    const answers = (await host.config.store.history('u')).filter(({ input }) => input.kind === 'event' && input.event.event === 'waymark_message_dismissed')
    expect(answers).toHaveLength(1)
  })
})

describe('a sink', () => {
  const sink = (deliver: (events: readonly CanonicalEvent[]) => readonly DeliveryOutcome[]): Plugin => ({
    name: 'sink',
    purpose: 'analytics',
    sink: { maxBatch: 2, deliver: async (events) => deliver(events) },
  })

  it('gets each event once and in order, only what failed is tried again, and the hopeless become dead letters', async () => {
    const got: string[] = []
    let calls = 0
    const plugin = sink((events) =>
      events.map(({ messageId }) => {
        calls += 1
        if (messageId === 'poison') return { status: 'rejected', reason: 'never' }
        if (messageId === 'slow' && calls < 4) return { status: 'retry', reason: 'later' }
        got.push(messageId)
        return { status: 'delivered' }
      }),
    )
    const { does, clock, host } = await world({ plugins: [plugin] })
    for (const messageId of ['one', 'slow', 'poison', 'two']) await does('u', 'used', { feature: 'A' }, { messageId })
    await clock.moveTo(START + HOUR)
    await host.settled()
    expect(got).toEqual(['one', 'slow', 'two'])
    expect(await host.config.store.deadLetters({ limit: 10 })).toMatchObject([{ plugin: 'sink', reason: 'never', event: { messageId: 'poison' } }])
  })

  it('is not given what a user denies it, nor what the sender keeps from it', async () => {
    const got: string[] = []
    const plugin = sink((events) => {
      got.push(...events.map(({ messageId }) => messageId))
      return events.map(() => ({ status: 'delivered' }))
    })
    const { does, host } = await world({ config: configWith(sqlite(':memory:'), [{ ...plugin, purpose: 'marketing' }]) })
    await does('u', 'used', { feature: 'A' }, { messageId: 'unasked' })
    await does('u', 'used', { feature: 'A' }, { messageId: 'agreed', context: { consent: { categoryPreferences: { marketing: true } } } })
    await does('u', 'used', { feature: 'A' }, { messageId: 'kept-from', integrations: { sink: false } })
    await host.settled()
    expect(got).toEqual(['agreed'])
  })
})

describe('the integrations of an event', () => {
  it('24. integrations {All:false,X:true} -> only X', async () => {
    const got: Record<string, string[]> = { x: [], y: [], segment: [] }
    const named = (name: string, integrations?: readonly string[]): Plugin => ({
      name,
      purpose: 'analytics',
      sink: {
        ...(integrations === undefined ? {} : { integrations }),
        async deliver(events) {
          got[name]?.push(...events.map(({ messageId }) => messageId))
          return events.map(() => ({ status: 'delivered' }))
        },
      },
    })
    const { does, host } = await world({ plugins: [named('x'), named('y'), named('segment', ['Segment.io'])] })
    await does('u', 'used', { feature: 'A' }, { messageId: 'all' })
    await does('u', 'used', { feature: 'A' }, { messageId: 'only-x', integrations: { All: false, x: true } })
    await does('u', 'used', { feature: 'A' }, { messageId: 'not-y', integrations: { y: false } })
    await does('u', 'used', { feature: 'A' }, { messageId: 'from-browser', integrations: { All: false, 'Segment.io': true } })
    await host.settled()
    expect(got).toEqual({ x: ['all', 'only-x', 'not-y'], y: ['all'], segment: ['all', 'not-y', 'from-browser'] })
  })
})

describe('a changed definition', () => {
  it('after a crash still counts what was sent before, and makes up for nothing', async () => {
    const file = join(folder, 'changed-after-crash.db')
    const capped = { frequencyCap: { max: 1, per: '7d' }, consent: { unset: { personalization: 'granted' } } } as const
    const first = await world({ config: configWith(sqlite(file), [recorder()], { governance: capped }) })
    await first.does('u', 'used', { feature: 'A' })
    await first.does('u', 'used', { feature: 'A' })
    // Never closed: no snapshot was written.
    const channel = recorder()
    const { did } = plan.behaviour
    const rules = [
      plan.rule('past', { when: did('used').atLeast(1), send: toRecorder('For the past') }),
      plan.rule('fresh', { when: did('used').atLeast(3), send: toRecorder('Now') }),
    ]
    const second = await world({ config: configWith(sqlite(copyOf(file)), [channel], { governance: capped, rules }), clock: first.clock })
    await second.does('u', 'used', { feature: 'A' })
    expect(channel.sent).toEqual([])
    expect(await second.host.config.store.decisions({ rule: 'fresh' })).toMatchObject([{ guard: 'frequency-cap', retryAt: START + 7 * DAY }])
    expect(await second.host.config.store.decisions({ rule: 'past' })).toEqual([])
    await second.host.close()
  })

  it('after a crash still sends what was only held back', async () => {
    const file = join(folder, 'changed-while-held.db')
    const capped = { frequencyCap: { max: 1, per: '6h' }, consent: { unset: { personalization: 'granted' } } } as const
    const first = await world({ config: configWith(sqlite(file), [recorder()], { governance: capped }) })
    for (const feature of ['A', 'A']) await first.does('u', 'used', { feature })
    await first.does('u', 'signed_up')
    const { did } = plan.behaviour
    const rules = [
      plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(2), send: toRecorder('tip') }),
      plan.rule('joined', { when: did('signed_up'), send: toRecorder('joined') }),
    ]
    await first.host.close()
    const second = await world({ config: configWith(sqlite(file), [recorder()], { governance: capped, rules }), clock: first.clock })
    await second.does('v', 'used', { feature: 'A' })
    await second.does('v', 'used', { feature: 'A' })
    await second.does('v', 'signed_up')
    expect(await second.host.config.store.decisions({ rule: 'joined', profile: 'v' })).toMatchObject([{ guard: 'frequency-cap' }])
    // Never closed: the hold stands in the ledger only.
    const channel = recorder()
    const more = [...rules, plan.rule('new', { when: did('used').atLeast(50), send: toRecorder('new') })]
    const third = await world({ config: configWith(sqlite(copyOf(file)), [channel], { governance: capped, rules: more }), clock: second.clock })
    await third.clock.moveTo(START + 6 * HOUR)
    expect(channel.sent.map(({ rule, profile }) => `${rule} to ${profile}`)).toEqual(['joined to v'])
    await third.host.close()
  })

  it('reads everybody anew and sends nothing for the past', async () => {
    const file = join(folder, 'changed.db')
    const first = await world({ config: configWith(sqlite(file), [recorder()]) })
    await first.does('u', 'used', { feature: 'A' })
    await first.host.close()
    const channel = recorder()
    const { did, otherwise } = plan.behaviour
    const changed = configWith(sqlite(file), [channel], {
      segments: [plan.segments('new', { starter: did('used').atLeast(1), none: otherwise })],
      rules: [plan.rule('welcome', { when: did('used').atLeast(1), send: toRecorder('Welcome') })],
    })
    const second = await world({ config: changed, clock: first.clock })
    expect((await second.host.census()).segments).toEqual({ new: { starter: 1, none: 0 } })
    await second.does('u', 'used', { feature: 'A' })
    expect(channel.sent).toEqual([])
    await second.does('w', 'used', { feature: 'A' })
    expect(channel.sent.map(({ profile }) => profile)).toEqual(['w'])
    await second.host.close()
  })
})

describe('explain', () => {
  it('says what the ledger says: sent by day is not held back by night, held back is, and until when', async () => {
    const { did } = plan.behaviour
    const outside: Plugin = { ...recorder(), channel: { name: 'recorder', reach: 'outside', send: async () => ({ status: 'sent' }) } }
    const config = configWith(sqlite(':memory:'), [outside], {
      rules: [plan.rule('tip', { when: did('used').atLeast(1), send: toRecorder('tip') })],
      governance: { quietHours: { from: '21:00', to: '08:00' }, consent: { unset: { personalization: 'granted' } } },
    })
    const { does, clock } = await world({ config })
    await does('day', 'used', { feature: 'A' })
    await clock.moveTo(START + 12 * HOUR)
    await does('night', 'used', { feature: 'A' })
    const [byDay, byNight] = await Promise.all(['day', 'night'].map((user) => explain(config, config.store, user, { now: clock.now() })))
    expect(byDay).toMatchObject({ rules: [{ truth: 2, since: START }], ledger: [{ outcome: 'sent' }] })
    expect(byDay?.rules[0]).not.toHaveProperty('retryAt')
    expect(byNight).toMatchObject({ rules: [{ truth: 2, retryAt: START + 22 * HOUR }], ledger: [{ guard: 'quiet-hours' }] })
  })

  it('tells why, why not and since when, now and at an earlier moment', async () => {
    const { does, host, clock } = await world({ plugins: [recorder()] })
    await does('u', 'used', { feature: 'A' })
    await clock.moveTo(START + HOUR)
    await does('u', 'used', { feature: 'A' })
    const now = await explain(host.config, host.config.store, 'u', { now: clock.now(), rule: 'tip' })
    expect(now).toMatchObject({ user: 'u', rules: [{ rule: 'tip', truth: 2, since: START + HOUR, evidence: { value: 2 } }], ledger: [{ outcome: 'sent' }] })
    const earlier = await explain(host.config, host.config.store, 'u', { now: clock.now(), at: START + 1, rule: 'tip' })
    expect(earlier).toMatchObject({ rules: [{ truth: 0, evidence: { value: 1 } }], ledger: [] })
    expect(await explain(host.config, host.config.store, 'nobody', { now: clock.now() })).toBeUndefined()
  })
})

async function anonymous(event: string, properties: CanonicalEvent['properties']): Promise<CanonicalEvent> {
  return {
    type: 'track',
    event,
    messageId: `anon-${event}`,
    timestamp: START,
    receivedAt: START,
    properties,
    traits: {},
    context: {},
    integrations: {},
    source: 'test',
  }
}
