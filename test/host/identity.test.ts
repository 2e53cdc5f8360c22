import type { CanonicalEvent, Logger, Message, Profile, Store } from '@waymark/core'
import { createHost, silentLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { describe, expect, it } from 'vitest'
import { inMemory } from './in-memory.ts'
import { configWith, DAY, HOUR, MINUTE, plan, recorder, START, toRecorder, type World, world } from './world.ts'

const { did } = plan.behaviour

function eventOf(messageId: string, fields: Partial<CanonicalEvent>): CanonicalEvent {
  const rest = { properties: { feature: 'A' }, traits: {}, context: {}, integrations: {}, source: 'test' }
  return { type: 'track', event: 'used', messageId, timestamp: START, receivedAt: START, ...rest, ...fields }
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items]
  return items.flatMap((first, index) => permutations(items.toSpliced(index, 1)).map((rest) => [first, ...rest]))
}

async function outcomes({ host }: World, profile?: string): Promise<readonly string[]> {
  const journal = await host.config.store.journal(profile === undefined ? {} : { profile })
  return journal.map(({ outcome, from, into }) => `${outcome} ${from} ${into}`).reverse()
}

describe('one person on the web, on a phone and in the mail', () => {
  const phone = { source: 'phone', anonymousId: 'phone-1' }
  const web = { source: 'web', anonymousId: 'web-1' }
  /** What happened, in order; an email's link brings the user id, or an id made for the email. */
  const story: readonly CanonicalEvent[] = [
    eventOf('1', { ...web, timestamp: START, event: 'signed_up', properties: {} }),
    eventOf('2', { ...web, timestamp: START + MINUTE, userId: 'ada', properties: { feature: 'A' } }),
    eventOf('3', { ...phone, timestamp: START + 2 * MINUTE, properties: { feature: 'B' } }),
    eventOf('4', { ...phone, timestamp: START + 3 * MINUTE, userId: 'ada', type: 'identify', traits: { plan: 'pro' } }),
    eventOf('5', { source: 'mail', timestamp: START + 4 * MINUTE, userId: 'ada', anonymousId: 'mail-7', properties: { feature: 'C' } }),
    eventOf('6', { source: 'mail', timestamp: START + 5 * MINUTE, anonymousId: 'mail-7', properties: { feature: 'C' } }),
  ]
  const configOn = (store: Store) =>
    configWith(store, [recorder()], {
      rules: [plan.rule('explorer', { when: did('used').distinct('feature').atLeast(3), send: toRecorder('explorer') })],
      segments: [
        plan.segments('breadth', { wide: did('used').distinct('feature').atLeast(3).within('48h').of('signed_up'), narrow: plan.behaviour.otherwise }),
        plan.segments('payer', { pro: plan.behaviour.trait('plan').is('pro') }),
      ],
    })

  it('is one profile, the same in every order of arrival, and gets each message once', async () => {
    let first: unknown
    for (const order of permutations(story)) {
      const clock = virtualClock(START + HOUR)
      const { store, profiles } = inMemory()
      const { host } = await world({ config: configOn(store), clock })
      for (const one of order) await host.ingest([{ ...one, receivedAt: clock.now() }])
      await host.settled()
      const arrival = order.map(({ messageId }) => messageId).join('')
      expect(await store.profileIds(), arrival).toEqual(['ada'])
      expect(await store.keysOf('ada'), arrival).toEqual(['anonymous:mail-7', 'anonymous:phone-1', 'anonymous:web-1', 'user:ada'])
      expect(await host.census(), arrival).toMatchObject({ profiles: 1, segments: { breadth: { wide: 1, narrow: 0 }, payer: { pro: 1 } } })
      expect(
        (await store.messages('ada')).map(({ rule }) => rule),
        arrival,
      ).toEqual(['explorer'])
      await host.close()
      const profile = profiles.get('ada') as Profile
      const { segments } = host.engine.read(profile, START + 2 * HOUR)
      expect(segments, arrival).toMatchObject([
        { member: 'wide', since: START + 4 * MINUTE },
        { member: 'pro', since: START + 3 * MINUTE },
      ])
      first ??= { segments, traits: profile.traits }
      expect({ segments, traits: profile.traits }, arrival).toEqual(first)
    }
  }, 120_000)

  it('has one memory of what was sent: a cap counts the messages of every device', async () => {
    for (const order of permutations([web, phone, { source: 'mail', anonymousId: 'mail-7' }])) {
      const channel = recorder()
      const { host, clock } = await world({
        config: configWith(sqlite(':memory:'), [channel], {
          rules: [
            plan.rule('hello', { when: did('signed_up'), send: toRecorder('hello') }),
            plan.rule('more', { when: did('used', { feature: 'Z' }), send: toRecorder('more') }),
          ],
          governance: { frequencyCap: { max: 3, per: '7d' }, consent: { unset: { personalization: 'granted' } } },
        }),
      })
      for (const device of order) await host.ingest([eventOf(`hello ${device.source}`, { ...device, event: 'signed_up', properties: {} })])
      for (const device of order) await host.ingest([eventOf(`known ${device.source}`, { ...device, userId: 'ada' })])
      await host.ingest([eventOf('z', { userId: 'ada', properties: { feature: 'Z' } })])
      await host.settled()
      expect(channel.sent.map(({ rule }: Message) => rule)).toEqual(['hello', 'hello', 'hello'])
      const { store } = host.config
      expect(await store.decisions({ profile: 'ada', rule: 'more' })).toMatchObject([{ profile: 'ada', guard: 'frequency-cap', retryAt: START + 7 * DAY }])
      await clock.moveTo(START + 7 * DAY)
      await host.settled()
      expect(channel.sent.map(({ rule, profile }: Message) => `${rule} ${profile}`).slice(3)).toEqual(['more ada'])
      // Dismissed by way of the mail, gone from the web.
      const [first] = await store.openMessages('ada', 'recorder')
      expect(await host.conversation.answer({ anonymousId: 'mail-7' }, first?.key as string, 'dismissed')).toBe(true)
      expect((await host.conversation.open('ada', 'recorder')).map(({ key }) => key)).not.toContain(first?.key)
      await host.close()
    }
  })
})

describe('the journal', () => {
  it('says when what became whose, by which event', async () => {
    const live = await world()
    await live.host.ingest([eventOf('1', { anonymousId: 'a' })])
    await live.clock.moveTo(START + HOUR)
    await live.host.ingest([eventOf('2', { userId: 'u', anonymousId: 'a', source: 'web' }), eventOf('3', { userId: 'u', anonymousId: 'b' })])
    await live.host.ingest([eventOf('4', { userId: 'w', anonymousId: 'c' }), eventOf('5', { type: 'alias', userId: 'u', previousId: 'w' })])
    const journal = await live.host.config.store.journal({ profile: 'u' })
    expect(journal.toReversed()).toMatchObject([
      { at: START + HOUR, outcome: 'merged', from: 'anon:a', into: 'u', keys: ['anonymous:a'], event: { messageId: '2', source: 'web' } },
      { outcome: 'linked', from: 'anon:b', into: 'u', keys: ['anonymous:b'], event: { messageId: '3' } },
      { outcome: 'linked', from: 'anon:c', into: 'w', keys: ['anonymous:c'] },
      { outcome: 'merged', from: 'w', into: 'u', keys: ['anonymous:c', 'user:w'], event: { messageId: '5', source: 'test' } },
      { outcome: 'linked', from: 'anon:w', into: 'u', keys: ['anonymous:w'] },
    ])
  })

  it('has a device that a second user comes with once for each, and it stays with the first', async () => {
    const live = await world()
    for (const [user, times] of [
      ['u', 2],
      ['v', 3],
      ['w', 1],
    ] as const) {
      for (let time = 0; time < times; time += 1) await live.does(user, 'used', { feature: 'A' }, { anonymousId: 'kiosk' })
    }
    expect(await outcomes(live)).toEqual(['linked anon:kiosk u', 'shared anon:kiosk v', 'shared anon:kiosk w'])
    expect(await outcomes(live, 'u')).toHaveLength(3)
    expect(await outcomes(live, 'v')).toEqual(['shared anon:kiosk v'])
    expect((await live.host.config.store.journal({ profile: 'v' }))[0]?.reason).toBe("it stays with 'u', whose it was first")
  })

  it('tells of an alias that names another user’s id, and does not make the two users one', async () => {
    const live = await world()
    await live.does('u', 'used', { feature: 'A' }, { anonymousId: 'a' })
    for (const user of ['v', 'w']) await live.does(user, '', {}, { type: 'alias', event: undefined as never, previousId: 'a' })
    expect(await outcomes(live)).toEqual(['linked anon:a u', 'shared anon:a v', 'shared anon:a w'])
    expect((await live.host.census()).profiles).toBe(3)
  })
})

describe('protection against ids that many share', () => {
  async function hostWith(identity: NonNullable<Parameters<typeof configWith>[2]>['identity'], warnings: unknown[] = []) {
    const logger: Logger = { ...silentLogger, warn: (message, fields) => warnings.push({ message, ...fields }) }
    const clock = virtualClock(START)
    const counts = { merged: 0, linked: 0, refused: 0, shared: 0 }
    const config = configWith(sqlite(':memory:'), [recorder()], identity === undefined ? {} : { identity })
    const host = await createHost(config, {
      effects: { clock },
      logger,
      onCommit: ({ identity: counted }) => {
        for (const key of ['merged', 'linked', 'refused', 'shared'] as const) counts[key] += counted[key]
      },
    })
    return { host, counts, warnings }
  }

  it('lets a user gather so many anonymous ids and no more; events are taken in all the same', async () => {
    const { host, counts, warnings } = await hostWith({ maxMerged: 3 })
    for (const id of ['1', '2', '3', '4', '5']) await host.ingest([eventOf(`visit ${id}`, { anonymousId: id })])
    await host.ingest(['1', '2', '3', '4', '5'].map((id) => eventOf(`known ${id}`, { userId: 'admin', anonymousId: id })))
    await host.ingest([eventOf('again', { userId: 'admin', anonymousId: '4' }), eventOf('new', { userId: 'admin', anonymousId: 'new' })])
    const { store } = host.config
    expect(await store.keysOf('admin')).toEqual(['anonymous:1', 'anonymous:2', 'anonymous:3', 'user:admin'])
    expect(await store.history('admin')).toHaveLength(3 + 5 + 2)
    expect(await store.profileIds()).toEqual(['admin', 'anon:4', 'anon:5'])
    expect(counts).toEqual({ merged: 3, linked: 0, refused: 4, shared: 0 })
    const refused = (await store.journal({})).filter(({ outcome }) => outcome === 'refused')
    expect(refused.map(({ from }) => from).reverse()).toEqual(['anon:4', 'anon:5', 'anon:new'])
    expect(refused[0]).toMatchObject({
      into: 'admin',
      keys: [],
      event: { messageId: 'new' },
      reason: expect.stringMatching(/more than 3 ids \(identity\.maxMerged\)/),
    })
    // One line a commit, and none for what was told before.
    expect(warnings).toEqual([
      expect.objectContaining({ message: expect.stringContaining('not merged'), ids: 2, from: 'anon:4', into: 'admin' }),
      expect.objectContaining({ ids: 1, from: 'anon:new', into: 'admin' }),
    ])
  })

  it('lets so many users become one, however they are chained', async () => {
    const { host } = await hostWith({ maxMerged: 2 })
    for (const id of ['1', '2', '3', '4']) await host.ingest([eventOf(`u${id}`, { userId: `u${id}` })])
    const alias = (previousId: string, userId: string) => eventOf(`${previousId} ${userId}`, { type: 'alias', previousId, userId })
    await host.ingest([alias('u1', 'u2'), alias('u3', 'u4'), alias('u2', 'u4')])
    expect(await host.config.store.profileIds()).toEqual(['u2', 'u4'])
  })

  it('has room for a hundred when nothing is said', async () => {
    const { host, counts } = await hostWith(undefined)
    await host.ingest(Array.from({ length: 102 }, (_, index) => eventOf(`${index}`, { userId: 'u', anonymousId: `a${index}` })))
    expect(counts).toEqual({ merged: 0, linked: 100, refused: 2, shared: 0 })
  })

  it('leaves out ids that stand for nobody, by the config or everywhere, and says so', async () => {
    const { host, warnings } = await hostWith({ banned: ['kiosk-*'] })
    const given = [
      eventOf('1', { userId: 'u', anonymousId: 'kiosk-7' }),
      eventOf('2', { userId: 'NULL', anonymousId: 'a' }),
      eventOf('3', { anonymousId: 'kiosk-7' }),
      eventOf('4', { userId: 'undefined', anonymousId: '00000000-0000-0000-0000-000000000000' }),
    ]
    expect(await host.ingest(given)).toEqual([
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'quarantined', reason: 'anonymousId: "kiosk-7" is banned in the config, by identity.banned' },
      { status: 'quarantined', reason: 'userId: "undefined" stands for nobody; send no id until there is one' },
    ])
    expect(await host.config.store.profileIds()).toEqual(['anon:a', 'u'])
    expect(await host.config.store.keysOf('u')).toEqual(['user:u'])
    expect(JSON.stringify(await host.config.store.log(0, 10))).not.toMatch(/kiosk|NULL/)
    expect(warnings).toMatchObject([
      { message: expect.stringContaining('quarantine'), events: 2 },
      { message: expect.stringContaining('left out'), ids: 2, reason: 'anonymousId: "kiosk-7" is banned in the config, by identity.banned' },
    ])
    const [quarantined] = await host.config.store.quarantined({ limit: 1 })
    expect(quarantined).toMatchObject({ event: { messageId: '4' } })
  })
})
