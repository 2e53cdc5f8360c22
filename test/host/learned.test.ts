import type { CanonicalEvent, JsonObject, Plugin, Sink, Store } from '@waymark/core'
import { explain, replay, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { expect, it } from 'vitest'
import { configWith, DAY, HOUR, plan, recorder, START, toRecorder, world } from './world.ts'

const { did, otherwise } = plan.behaviour
const stage = plan.segments('stage', { engaged: did('used').atLeast(2).within('48h').of('signed_up'), idle: otherwise })
const tip = plan.rule('tip', { when: did('used').atLeast(2), send: toRecorder('Go on'), limit: { max: 1, per: '7d' } })

/** A sink that keeps what of Waymark's own it was given. */
function listener(name: string, learned: Sink['learned'], more: Partial<Plugin> = {}): Plugin & { readonly got: CanonicalEvent[] } {
  const got: CanonicalEvent[] = []
  return {
    ...{ name, purpose: 'essential', got },
    sink: {
      ...(learned === undefined ? {} : { learned }),
      async deliver(events) {
        got.push(...events.filter(({ source }) => source === 'waymark'))
        return events.map(() => ({ status: 'delivered' }))
      },
    },
    ...more,
  }
}

/** A store that outlives its hosts. */
function kept(): Store {
  const store = sqlite(':memory:')
  return { ...store, close: async () => {} }
}

const memberships = (events: readonly CanonicalEvent[]) => events.filter(({ type }) => type === 'identify').map(({ traits }) => traits['waymark_stage'])
const config = (store: Store, plugins: readonly Plugin[]) => configWith(store, [...plugins, recorder()], { segments: [stage], rules: [tip] })

it('tells memberships and decisions to the sinks that ask, once, with the moment they came about', async () => {
  const [both, members, none] = [listener('both', ['memberships', 'decisions']), listener('members', ['memberships']), listener('none', undefined)]
  const store = kept()
  const { does, host } = await world({ config: config(store, [both, members, none]) })
  await does('u', 'signed_up')
  await does('u', 'used', { feature: 'A' })
  await does('u', 'used', { feature: 'B' })
  await host.settled()
  const common = { userId: 'u', timestamp: START, receivedAt: START, source: 'waymark', integrations: {}, messageId: expect.stringMatching(/^[0-9a-f]{32}$/) }
  expect(both.got).toEqual([
    {
      ...common,
      type: 'identify',
      traits: { waymark_stage: 'engaged' },
      properties: {},
      context: { waymark: { membership: { segment: 'stage', from: null, to: 'engaged' } } },
    },
    {
      ...{ ...common, type: 'track', event: 'waymark_decision', traits: {}, context: {} },
      properties: { rule: 'tip', outcome: 'sent', key: expect.any(String), since: START, channel: 'recorder', kind: 'note' },
    },
  ])
  expect(members.got).toEqual([both.got[0]])
  expect(none.got).toEqual([])
  expect((await host.census()).segments['stage']).toEqual({ engaged: 1, idle: 0 })
  expect((await store.history('u')).length).toBe(3)
  expect((await explain(host.config, store, 'u'))?.segments[0]?.member).toBe('engaged')
  await host.close()
})

it('writes nothing where no sink asks, and replays a file as ever', async () => {
  const store = kept()
  const { does, host } = await world({ config: config(store, [listener('none', undefined)]) })
  await does('u', 'signed_up')
  await does('u', 'used', { feature: 'A' })
  await does('u', 'used', { feature: 'B' })
  expect((await store.log(0, 100)).map(({ input }) => input.kind)).toEqual(['event', 'event', 'event'])
  await host.close()
  const scratch = sqlite(':memory:')
  await scratch.open()
  const lines = ['signed_up', 'used', 'used'].map((event, index) =>
    JSON.stringify({ type: 'track', event, userId: 'u', messageId: `m${index}`, timestamp: START + index, properties: { feature: 'A' } }),
  )
  const asked = config(kept(), [listener('both', ['memberships', 'decisions'])])
  expect(await replay(asked, scratch, lines)).toMatchObject({ accepted: 3, segments: { stage: { engaged: 1 } }, decisions: { tip: { sent: 1 } } })
  expect((await scratch.log(0, 100)).length).toBe(3)
})

it('says why a decision was held back, and when it is tried again', async () => {
  const both = listener('both', ['decisions'])
  const more = { segments: [], rules: [plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(1), send: toRecorder('x') })] }
  const governance = { quietHours: { from: '09:00', to: '12:00' }, consent: { unset: { personalization: 'granted' } } } as const
  const outside = recorder()
  const plugin: Plugin = { ...outside, channel: { ...(outside.channel as NonNullable<Plugin['channel']>), reach: 'outside' } }
  const { does, host } = await world({ config: configWith(kept(), [both, plugin], { ...more, governance }) })
  await does('u', 'used', { feature: 'A' })
  await host.settled()
  expect(both.got.map(({ properties }) => properties)).toMatchObject([{ rule: 'tip', outcome: 'suppressed', guard: 'quiet-hours', retryAt: START + 2 * HOUR }])
  await host.close()
})

it('tells a late event and a merge as the change against what was told before', async () => {
  const both = listener('both', ['memberships'])
  const { does, host, clock } = await world({ config: config(kept(), [both]) })
  await does('u', 'signed_up')
  await does('u', 'used', { feature: 'A' })
  await clock.moveTo(START + 3 * DAY)
  await host.settled()
  expect(memberships(both.got)).toEqual(['idle'])
  await does('u', 'used', { feature: 'B' }, { timestamp: START + HOUR })
  await host.settled()
  expect(both.got.at(-1)).toMatchObject({ traits: { waymark_stage: 'engaged' }, context: { waymark: { membership: { from: 'idle', to: 'engaged' } } } })
  // A visitor is told of under the anonymous id, and not again when they turn out to be a user.
  const from = clock.now()
  for (const event of ['signed_up', 'used', 'used']) await does('', event, { feature: 'A' }, { anonymousId: 'web', userId: undefined as never })
  await does('v', 'used', { feature: 'A' }, { anonymousId: 'web' })
  await host.settled()
  const news = both.got.filter(({ receivedAt }) => receivedAt >= from).slice(1)
  expect(news.map(({ userId, anonymousId, traits }) => [userId, anonymousId, traits['waymark_stage']])).toEqual([[undefined, 'web', 'engaged']])
  await host.close()
})

it('is told once however often the host dies, and a changed definition tells what is different then', async () => {
  const store = kept()
  const clock = virtualClock(START)
  const told: (readonly [string, unknown])[] = []
  async function life(segment: typeof stage, work: (does: Awaited<ReturnType<typeof world>>['does']) => Promise<unknown>) {
    const one = listener('both', ['memberships', 'decisions'])
    const { host, does } = await world({ config: configWith(store, [one, recorder()], { segments: [segment], rules: [tip] }), clock })
    await work(does)
    await host.settled()
    told.push(...one.got.map(({ messageId, traits }) => [messageId, traits['waymark_stage']] as const))
    // Its checkpoint is not written: the next one reads the log again.
  }
  await life(stage, async (does) => {
    await does('u', 'signed_up')
    await does('u', 'used', { feature: 'A' })
    await does('u', 'used', { feature: 'B' })
  })
  await life(stage, async () => {})
  expect(told.map(([, member]) => member)).toEqual(['engaged', undefined])
  const other = plan.segments('stage', { engaged: did('used').atLeast(3).within('48h').of('signed_up'), 'on-the-way': did('used').atLeast(1) })
  for (let lives = 0; lives < 3; lives += 1) await life(other as unknown as typeof stage, async () => {})
  expect(told.map(([, member]) => member)).toEqual(['engaged', undefined, 'on-the-way'])
  // Under one in which nobody stands elsewhere, nothing is told again.
  const third = plan.segments('stage', { engaged: did('used').atLeast(4).within('48h').of('signed_up'), 'on-the-way': did('used').atLeast(1) })
  await life(third as unknown as typeof stage, async () => {})
  expect(new Set(told.map(([id]) => id)).size).toBe(3)
})

it('tells nothing of who does not agree, and to no sink that they do not agree to', async () => {
  const [any, ads] = [listener('any', ['memberships']), listener('ads', ['memberships'], { purpose: 'marketing' })]
  const { does, host, clock } = await world({ config: config(kept(), [any, ads]) })
  await does('u', 'signed_up')
  await does('w', 'signed_up')
  await does('w', 'used', { feature: 'A' }, { context: { consent: { categoryPreferences: { analytics: false } } } })
  await clock.moveTo(START + 3 * DAY)
  await host.settled()
  expect(any.got.map(({ userId }) => userId)).toEqual(['u'])
  expect(ads.got).toEqual([])
  await host.close()
})

it('tells what an unmerge makes of each of the two, and only where it is not what was told before', async () => {
  const both = listener('both', ['memberships'])
  const { does, host } = await world({ config: config(kept(), [both]) })
  for (const event of ['signed_up', 'used', 'used']) await does('', event, { feature: 'A' }, { anonymousId: 'web', userId: undefined as never })
  await does('v', 'used', { feature: 'A' }, { anonymousId: 'web' })
  await host.settled()
  const shown = () => both.got.map(({ userId, anonymousId, context }) => [userId ?? anonymousId, (context['waymark'] as JsonObject)['membership']])
  expect(shown()).toEqual([['web', { segment: 'stage', from: null, to: 'engaged' }]])
  // The user has not signed up, and is neither; the visitor stays what was told of them.
  await host.unmerge('v', 'web')
  await host.settled()
  expect(shown().slice(1)).toEqual([['v', { segment: 'stage', from: 'engaged', to: null }]])
  // Each by themselves from here on.
  for (const event of ['signed_up', 'used', 'used']) await does('v', event, { feature: 'B' })
  await host.settled()
  expect(shown().slice(2)).toEqual([['v', { segment: 'stage', from: null, to: 'engaged' }]])
  await host.close()
})

it('holds what was told of a visitor for what the user was told they are, also under another definition', async () => {
  const store = kept()
  const third = plan.segments('stage', { engaged: did('used').atLeast(2), 'on-the-way': did('used').atLeast(1) }) as unknown as typeof stage
  const [before, after] = [listener('both', ['memberships']), listener('both', ['memberships'])]
  const first = await world({ config: config(store, [before]) })
  for (const event of ['signed_up', 'used', 'used']) await first.does('', event, { feature: 'A' }, { anonymousId: 'web', userId: undefined as never })
  await first.does('v', 'used', { feature: 'A' }, { anonymousId: 'web' })
  await first.host.close()
  const second = await world({ config: configWith(store, [after, recorder()], { segments: [third], rules: [tip] }) })
  await second.does('w', 'used', { feature: 'A' })
  await second.host.settled()
  expect([memberships(before.got), after.got.map(({ userId }) => userId)]).toEqual([['engaged'], ['w']])
  await second.host.close()
})

it('is not given to a sink whose purpose somebody has withdrawn from meanwhile', async () => {
  let isUp = false
  const both = listener('both', ['memberships', 'decisions'])
  const sink = both.sink as Sink
  const slow: Plugin = {
    ...both,
    purpose: 'analytics',
    sink: {
      ...sink,
      deliver: async (events, context) => (isUp ? sink.deliver(events, context) : events.map(() => ({ status: 'retry', reason: 'down' }))),
    },
  }
  const store = kept()
  const { does, host, clock } = await world({ config: config(store, [slow]) })
  for (const user of ['u', 'w']) for (const event of ['signed_up', 'used', 'used']) await does(user, event, { feature: 'A' })
  const learned = async () => (await store.log(0, 1_000)).filter(({ input }) => input.kind === 'learned').length
  expect(await learned()).toBe(4)
  await does('w', 'used', { feature: 'A' }, { context: { consent: { categoryPreferences: { analytics: false } } } })
  isUp = true
  await clock.moveTo(START + HOUR)
  await host.settled()
  expect(both.got.map(({ type, userId }) => `${type} ${userId}`)).toEqual(['identify u', 'track u'])
  // What was written stays as it was found out; whoever agrees again is told of from then on.
  expect(await learned()).toBe(4)
  await host.close()
})
