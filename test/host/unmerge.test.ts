import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CanonicalEvent, Message, Plugin } from '@waymark/core'
import { changeIdentityOffline, explain } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { configWith, DAY, HOUR, plan, recorder, START, toRecorder, type World, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-unmerge-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { did, inactive, not, trait } = plan.behaviour
const GRANTED = { consent: { unset: { personalization: 'granted' } } } as const

/** A visitor uses A once; somebody signs in as `u` on the same device; the visitor goes on without signing in. */
async function mistaken(more: Parameters<typeof configWith>[2] = {}, plugins: readonly Plugin[] = [recorder()]): Promise<World> {
  const live = await world({ config: configWith(sqlite(':memory:'), plugins, more) })
  await visits(live, 'a')
  await live.does('u', 'used', { feature: 'B' }, { anonymousId: 'a' })
  await visits(live, 'a', { feature: 'C' })
  return live
}

function visits({ does }: World, anonymousId: string, properties: CanonicalEvent['properties'] = { feature: 'A' }): Promise<string> {
  return does('', 'used', properties, { anonymousId, userId: undefined as never })
}

async function featuresOf({ host }: World, profile: string): Promise<readonly unknown[]> {
  const history = await host.config.store.history(profile)
  return history.map(({ input }) => (input.kind === 'event' ? input.event.properties['feature'] : undefined)).toSorted()
}

describe('an unmerge', () => {
  it('gives each their own ids and history back; an event with both ids stays with the user', async () => {
    const live = await mistaken()
    expect(await featuresOf(live, 'u')).toEqual(['A', 'B', 'C'])
    expect(await live.host.unmerge('u', 'a')).toMatchObject({ outcome: 'unmerged', from: 'anon:a', into: 'u', keys: ['anonymous:a'] })
    expect(await featuresOf(live, 'u')).toEqual(['B'])
    expect(await featuresOf(live, 'anon:a')).toEqual(['A', 'C'])
    expect(await live.host.conversation.profileOf({ anonymousId: 'a' })).toBe('anon:a')
    expect((await live.host.census()).profiles).toBe(2)
  })

  it('recomputes what each is a member of, and since when', async () => {
    const live = await world({ config: configWith(sqlite(':memory:'), [recorder()]) })
    await live.does('u', 'signed_up')
    for (const feature of ['A', 'B']) await visits(live, 'a', { feature })
    await live.clock.moveTo(START + HOUR)
    await live.does('u', 'used', { feature: 'C' }, { anonymousId: 'a' })
    expect((await live.host.census()).segments['engagement']).toEqual({ engaged: 1, 'at-risk': 0 })
    await live.host.unmerge('u', 'a')
    expect((await live.host.census()).segments['engagement']).toEqual({ engaged: 0, 'at-risk': 0 })
    await live.clock.moveTo(START + 48 * HOUR)
    expect((await live.host.census()).segments['engagement']).toEqual({ engaged: 0, 'at-risk': 1 })
  })

  it('is remembered: the next event with both ids does not merge them, until a person says so', async () => {
    const live = await mistaken()
    await live.host.unmerge('u', 'a')
    await live.does('u', 'used', { feature: 'D' }, { anonymousId: 'a' })
    await visits(live, 'a', { feature: 'E' })
    expect(await featuresOf(live, 'u')).toEqual(['B', 'D'])
    expect(await featuresOf(live, 'anon:a')).toEqual(['A', 'C', 'E'])
    expect((await live.host.config.store.journal({ limit: 1 }))[0]).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('by hand') })
    await live.host.merge('u', 'a')
    expect(await featuresOf(live, 'u')).toEqual(['A', 'B', 'C', 'D', 'E'])
  })

  it('lets the visitor become the user they really are', async () => {
    const live = await mistaken()
    await live.host.unmerge('u', 'a')
    await live.does('w', 'used', { feature: 'D' }, { anonymousId: 'a' })
    expect(await featuresOf(live, 'w')).toEqual(['A', 'C', 'D'])
    expect(await featuresOf(live, 'u')).toEqual(['B'])
  })

  it('takes late events to whom they are', async () => {
    const live = await mistaken()
    await live.host.unmerge('u', 'a')
    await live.does('', 'used', { feature: 'late' }, { anonymousId: 'a', userId: undefined as never, timestamp: START - HOUR })
    expect(await featuresOf(live, 'anon:a')).toEqual(['A', 'C', 'late'])
  })

  it('of another user takes the ids that came with that one', async () => {
    const live = await world()
    await live.does('v', 'used', { feature: 'A' }, { anonymousId: 'v-phone' })
    await live.does('u', 'used', { feature: 'B' })
    const alias = { type: 'alias', previousId: 'v', event: undefined as never } as const
    await live.does('u', '', {}, alias)
    await live.does('v', 'used', { feature: 'C' }, { anonymousId: 'v-tablet' })
    await visits(live, 'v-tablet', { feature: 'D' })
    await visits(live, 'later', { feature: 'E' })
    await live.does('v', 'used', { feature: 'F' }, { anonymousId: 'later' })
    expect(await featuresOf(live, 'u')).toEqual(['A', 'B', 'C', 'D', 'E', 'F', undefined])
    expect(await live.host.unmerge('u', 'v')).toMatchObject({
      from: 'v',
      keys: ['anonymous:later', 'anonymous:v', 'anonymous:v-phone', 'anonymous:v-tablet', 'user:v'],
    })
    expect(await featuresOf(live, 'v')).toEqual(['A', 'C', 'D', 'E', 'F'])
    expect(await featuresOf(live, 'u')).toEqual(['B', undefined])
    await live.does('u', '', {}, alias)
    expect((await live.host.census()).profiles).toBe(2)
    expect(await live.host.unmerge('v', 'later')).toMatchObject({ from: 'anon:later', into: 'v' })
    expect(await featuresOf(live, 'anon:later')).toEqual(['E'])
  })

  it('is refused, and changes nothing, when there is nothing to take apart', async () => {
    const { host } = await mistaken()
    await expect(host.unmerge('nobody', 'a')).rejects.toMatchObject({ code: 'NOT_FOUND', message: "nothing is known of 'nobody'" })
    await expect(host.unmerge('u', 'b')).rejects.toMatchObject({ code: 'NOT_FOUND', message: "'b' is not an id of 'u'", mend: 'its other ids are a' })
    await expect(host.unmerge('u', 'u')).rejects.toMatchObject({ code: 'OWN_ID' })
    await host.unmerge('u', 'a')
    await expect(host.unmerge('u', 'a')).rejects.toMatchObject({ code: 'NOT_FOUND', mend: 'it has no other id' })
    await expect(host.unmerge('a', 'u')).rejects.toMatchObject({ code: 'NOT_FOUND', message: "'a' is a visitor that is no user's" })
    await expect(host.merge('u', 'b')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await host.merge('u', 'a')
    await expect(host.merge('u', 'a')).rejects.toMatchObject({ code: 'ALREADY' })
    expect((await host.config.store.journal({})).map(({ outcome }) => outcome)).toEqual(['merged', 'unmerged', 'merged'])
  })

  it('and a merge by hand are commits of their own among what comes in beside them', async () => {
    const live = await world()
    await visits(live, 'a')
    await live.does('u', 'used', { feature: 'B' })
    const [, merged] = await Promise.all([visits(live, 'b'), live.host.merge('u', 'a'), visits(live, 'a', { feature: 'C' })])
    expect(merged).toMatchObject({ outcome: 'merged', into: 'u' })
    const log = await live.host.config.store.log(0, 10)
    expect(log.map(({ input }) => input.kind)).toEqual(['event', 'event', 'event', 'merge', 'event'])
    expect(new Set(log.map(({ commit }) => commit)).size).toBe(5)
    expect(await featuresOf(live, 'u')).toEqual(['A', 'B', 'C'])
  })

  it('tells those who watch the conversation', async () => {
    const { host } = await mistaken()
    const changes: unknown[] = []
    host.conversation.watch((change) => changes.push(change))
    await host.unmerge('u', 'a')
    await host.merge('u', 'a')
    expect(changes).toEqual([
      { kind: 'unmerged', from: 'anon:a', into: 'u' },
      { kind: 'merged', from: 'anon:a', into: 'u' },
    ])
  })
})

describe('messages and caps after an unmerge', () => {
  const seen = plan.rule('seen', { when: did('used', { feature: 'A' }), send: toRecorder('seen') })
  const both = plan.rule('both', { when: did('used').atLeast(3), send: toRecorder('both') })

  it('return to whom they were decided for; what was decided for the two together stays the user’s', async () => {
    const channel = recorder()
    const live = await mistaken({ rules: [seen, both], governance: GRANTED }, [channel])
    expect(channel.sent.map(({ rule, profile }) => `${rule} ${profile}`)).toEqual(['seen anon:a', 'both u'])
    await live.host.unmerge('u', 'a')
    const { store } = live.host.config
    expect((await store.messages('anon:a')).map(({ rule }) => rule)).toEqual(['seen'])
    expect((await store.messages('u')).map(({ rule }) => rule)).toEqual(['both'])
    expect((await store.decisions({ profile: 'anon:a' })).map(({ rule }) => rule)).toEqual(['seen'])
    expect(await live.host.conversation.answer({ anonymousId: 'a' }, `seen:anon:a:${START}`, 'dismissed')).toBe(true)
    expect(await live.host.conversation.answer({ userId: 'u' }, `both:u:${START}`, 'dismissed')).toBe(true)
  })

  it('are not sent again, neither at once nor by what comes later', async () => {
    const channel = recorder()
    const live = await mistaken({ rules: [seen, both], governance: GRANTED }, [channel])
    await live.host.unmerge('u', 'a')
    await live.does('u', 'used', { feature: 'A' })
    await visits(live, 'a')
    await live.clock.moveTo(START + 2 * DAY)
    await live.host.settled()
    // `seen` is news for the user; the visitor has had it, and has come to three uses only now.
    expect(channel.sent.map(({ rule, profile }) => `${rule} ${profile}`)).toEqual(['seen anon:a', 'both u', 'seen u', 'both anon:a'])
  })

  it('count for each alone: a cap that was reached together is open for who had none of them', async () => {
    const channel = recorder()
    const governance = { ...GRANTED, frequencyCap: { max: 1, per: '7d' } } as const
    const more = plan.rule('more', { when: did('signed_up'), send: toRecorder('more') })
    const live = await mistaken({ rules: [seen, more], governance }, [channel])
    await live.host.unmerge('u', 'a')
    await live.does('u', 'signed_up')
    await live.does('', 'signed_up', {}, { anonymousId: 'a', userId: undefined as never })
    expect(channel.sent.map(({ rule, profile }) => `${rule} ${profile}`)).toEqual(['seen anon:a', 'more u'])
    expect(await live.host.config.store.decisions({ profile: 'anon:a', rule: 'more' })).toMatchObject([{ guard: 'frequency-cap', retryAt: START + 7 * DAY }])
  })

  it('that were held back wait on, unless their time came while the two were one', async () => {
    const channel = recorder()
    const governance = { ...GRANTED, frequencyCap: { max: 1, per: '6h' } } as const
    const first = plan.rule('first', { when: did('used'), send: toRecorder('first') })
    const held = plan.rule('held', { when: did('used', { feature: 'A' }), send: toRecorder('held'), priority: -1 })
    async function unmergedAfter(hours: number) {
      channel.sent.splice(0)
      const live = await mistaken({ rules: [first, held], governance }, [channel])
      await live.clock.moveTo(START + hours * HOUR)
      await live.host.unmerge('u', 'a')
      await live.clock.moveTo(START + DAY)
      await live.host.settled()
      return { live, sent: channel.sent.map(({ rule, profile, decidedAt }) => `${rule} ${profile} ${(decidedAt - START) / HOUR}h`) }
    }
    expect((await unmergedAfter(1)).sent).toEqual(['first anon:a 0h', 'held anon:a 6h'])
    const { live, sent } = await unmergedAfter(7)
    expect(sent).toEqual(['first anon:a 0h', 'held u 6h'])
    const reading = await explain(live.host.config, live.host.config.store, 'a', { now: live.clock.now(), rule: 'held' })
    expect(reading).toMatchObject({ rules: [{ truth: 2 }], ledger: [{ outcome: 'suppressed', guard: 'unmerge' }, { guard: 'frequency-cap' }] })
    expect(reading?.rules[0]).not.toHaveProperty('retryAt')
  })

  it('that were held back end where their time came while the two were one and their rule was not true', async () => {
    const channel = recorder()
    const governance = { ...GRANTED, frequencyCap: { max: 1, per: '6h' } } as const
    const first = plan.rule('first', { when: did('used'), send: toRecorder('first') })
    const held = plan.rule('held', { when: did('used', { feature: 'A' }).and(not(did('used', { feature: 'B' }))), send: toRecorder('held'), priority: -1 })
    const live = await mistaken({ rules: [first, held], governance }, [channel])
    await live.clock.moveTo(START + 7 * HOUR)
    await live.host.unmerge('u', 'a')
    await live.clock.moveTo(START + 2 * DAY)
    await live.host.settled()
    expect(channel.sent.map(({ rule, profile }) => `${rule} ${profile}`)).toEqual(['first anon:a'])
    expect((await live.host.config.store.decisions({ profile: 'anon:a', rule: 'held' })).map(({ guard }) => guard)).toEqual(['unmerge', 'frequency-cap'])
  })

  it('that were held back end where the user got the message for another reason meanwhile', async () => {
    const sent: Message[] = []
    const mail: Plugin = {
      ...recorder(),
      channel: { name: 'recorder', reach: 'outside', send: async (one) => (sent.push(one) > 0 ? { status: 'sent' } : { status: 'retry', reason: '' }) },
    }
    const held = plan.rule('held', { when: did('used', { feature: 'A' }).and(not(trait('plan').is('busy'))), send: toRecorder('held') })
    const governance = { ...GRANTED, quietHours: { from: '21:00', to: '08:00' } } as const
    const live = await world({ config: configWith(sqlite(':memory:'), [mail], { rules: [held], governance }) })
    await live.clock.moveTo(START + 12 * HOUR)
    await visits(live, 'a')
    // Where the user is it is day; and what the user says of themselves makes the rule false and true again.
    const there = { type: 'identify', event: undefined as never, anonymousId: 'a', context: { timezone: 'America/Los_Angeles' } } as const
    await live.does('u', '', {}, { ...there, traits: { plan: 'busy' } })
    await live.does('u', '', {}, { ...there, traits: { plan: 'free' } })
    expect(sent.map(({ rule, profile }) => `${rule} ${profile}`)).toEqual(['held u'])
    await live.host.unmerge('u', 'a')
    await live.clock.moveTo(START + 2 * DAY)
    await live.host.settled()
    expect(sent).toHaveLength(1)
  })

  it('are not sent again either when the rules change afterwards', async () => {
    const file = join(folder, 'changed.db')
    const governance = { ...GRANTED, frequencyCap: { max: 1, per: '6h' } } as const
    const first = plan.rule('first', { when: did('used'), send: toRecorder('first') })
    const held = plan.rule('held', { when: did('used', { feature: 'A' }), send: toRecorder('held'), priority: -1, backfill: 'send' })
    const live = await world({ config: configWith(sqlite(file), [recorder()], { rules: [first, held], governance }) })
    await visits(live, 'a')
    await live.does('u', 'used', { feature: 'B' }, { anonymousId: 'a' })
    await live.clock.moveTo(START + 7 * HOUR)
    await live.host.unmerge('u', 'a')
    await live.host.close()
    const channel = recorder()
    const more = plan.rule('more', { when: did('signed_up'), send: toRecorder('more') })
    const changed = await world({ config: configWith(sqlite(file), [channel], { rules: [first, held, more], governance }), clock: live.clock })
    await changed.clock.moveTo(START + 2 * DAY)
    await changed.host.settled()
    expect(channel.sent).toEqual([])
    await changed.host.close()
  })

  it('that fell due while no host was running are not lost by an unmerge before it starts again', async () => {
    const file = join(folder, 'offline.db')
    const idle = plan.rule('idle', { when: inactive('5h'), send: toRecorder('idle') })
    const channel = recorder()
    const config = () => configWith(sqlite(file), [channel], { rules: [idle], governance: GRANTED })
    const live = await world({ config: config() })
    await visits(live, 'a')
    await live.does('u', 'used', { feature: 'B' }, { anonymousId: 'a' })
    await live.host.close()
    const now = START + 8 * HOUR
    live.clock.jumpTo(now)
    expect(await changeIdentityOffline(config(), { kind: 'unmerge', user: 'u', id: 'a' }, { now })).toMatchObject({ outcome: 'unmerged', at: now })
    const again = await world({ config: config(), clock: live.clock })
    await again.clock.moveTo(START + 2 * DAY)
    await again.host.settled()
    expect(channel.sent.map(({ profile, decidedAt }) => `${profile} ${(decidedAt - START) / HOUR}h`)).toEqual(['u 8h'])
    await again.host.close()
  })

  it('that still wait in the outbox go to whom they were decided for, if to anybody', async () => {
    const channel = recorder([
      { status: 'retry', reason: 'down', afterMs: HOUR },
      { status: 'retry', reason: 'down', afterMs: HOUR },
    ])
    const live = await mistaken({ rules: [seen, both], governance: GRANTED }, [channel])
    await live.host.unmerge('u', 'a')
    await live.clock.moveTo(START + 2 * HOUR)
    await live.host.settled()
    expect(channel.sent.map(({ rule, profile }) => `${rule} ${profile}`)).toEqual(['seen anon:a'])
    expect(await live.host.config.store.message(`both:u:${START}`)).toMatchObject({ state: 'cancelled', reason: 'its condition is no longer true' })
  })

  it('are not made up for when only the unmerge makes their rule true', async () => {
    const channel = recorder()
    const idle = plan.rule('idle', { when: inactive('5h'), send: toRecorder('idle') })
    const live = await mistaken({ rules: [idle], governance: GRANTED }, [channel])
    for (const hour of [4, 8, 10, 12]) {
      await live.clock.moveTo(START + hour * HOUR)
      if (hour === 10) await visits(live, 'a')
      else await live.does('u', 'used', { feature: 'B' })
    }
    await live.clock.moveTo(START + 16 * HOUR)
    await live.host.unmerge('u', 'a')
    await live.host.settled()
    await live.clock.moveTo(live.clock.now())
    // The visitor has been away for six hours, the user for four: while the two were one, nobody was for five.
    expect(channel.sent).toEqual([])
    expect(await live.host.config.store.decisions({})).toMatchObject([{ profile: 'anon:a', rule: 'idle', since: START + 15 * HOUR, guard: 'unmerge' }])
    await visits(live, 'a')
    await live.clock.moveTo(START + 22 * HOUR)
    expect(channel.sent.map(({ profile }) => profile).toSorted()).toEqual(['anon:a', 'u'])
  })
})
