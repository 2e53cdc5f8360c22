import type { CanonicalEvent } from '@waymark/core'
import type { MemoryContext } from '@waymark/testkit/plugin'
import { memoryContext } from '@waymark/testkit/plugin'
import type { FakeFirebase } from '@waymark/testkit/vendors'
import { fakeFirebase } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FirebaseSinkOptions } from '../src/index.ts'
import { firebase } from '../src/index.ts'
import { APP, event, INSTANCE, NOW, WEB } from './events.ts'

let context: MemoryContext
let google: FakeFirebase
beforeEach(async () => {
  context = memoryContext()
  google = await fakeFirebase()
})
afterEach(() => google.stop())

const sinkOf = (options: Partial<FirebaseSinkOptions> = {}) =>
  firebase({ receive: false, sink: { streams: { [APP]: 'secret' }, host: google.url, ...options } }).sink!
const deliver = (events: readonly CanonicalEvent[], options?: Partial<FirebaseSinkOptions>) => sinkOf(options).deliver(events, context)
const names = () => google.stored.map(({ name }) => name)
const delivered = { status: 'delivered' }

describe('names and values', () => {
  it.each([
    ['firebase 1: "Order Completed" -> Order_Completed', 'Order Completed', 'Order_Completed'],
    ['firebase 2: "first_open" -> renamed', 'first_open', 'x_first_open'],
    ['firebase 3: "2fa" -> prefixed', '2fa', 'x_2fa'],
    ['an accent is taken off', 'Élan vital', 'Elan_vital'],
    ['cut at 40', 'a'.repeat(50), 'a'.repeat(40)],
    ['a prefix of Google is not used', 'ga_session', 'x_ga_session'],
  ])('%s', async (_, given, expected) => {
    expect(await deliver([event({ event: given })], { validate: true })).toEqual([delivered])
    expect(names()).toEqual([expected])
  })

  it('tells names of other scripts apart', async () => {
    await deliver([event({ event: '注册' }), event({ event: '登录' })])
    expect(new Set(names()).size).toBe(2)
    for (const name of names()) expect(name).toMatch(/^[A-Za-z]\w{0,39}$/)
  })

  it('firebase 7: 150-char value -> 100', async () => {
    await deliver([event({ properties: { text: 'x'.repeat(150), page_location: 'x'.repeat(1500) } })])
    expect(google.stored[0]!.params).toMatchObject({ text: 'x'.repeat(100), page_location: 'x'.repeat(1000) })
  })

  it('firebase 9: ga_x param -> renamed', async () => {
    await deliver([event({ properties: { ga_x: 1, 'gtag.y': 2, _z: 3 } })])
    expect(google.stored[0]!.params).toMatchObject({ x_ga_x: 1, x_gtag_y: 2, x__z: 3 })
  })

  it('flattens objects, keeps items, counts truth, drops null and keeps 24 of ours', async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`p${index}`, index]))
    const items = [{ item_id: 'a', price: 2, gone: null }]
    await deliver([event({ properties: { address: { city: 'Oslo' }, items, yes: true, no: false, none: null, list: [1, 2] } }), event({ properties: many })])
    const { waymark_id: _, ...params } = google.stored[0]!.params
    expect(params).toEqual({ address_city: 'Oslo', items: [{ item_id: 'a', price: 2 }], yes: 1, no: 0, list: '[1,2]' })
    expect(Object.keys(google.stored[1]!.params)).toHaveLength(25)
  })
})

describe('requests', () => {
  it('firebase 4: 26 events -> 2 requests', async () => {
    const events = Array.from({ length: 26 }, () => event())
    expect(await deliver(events)).toEqual(events.map(() => delivered))
    expect(google.requests).toHaveLength(2)
    expect(google.stored).toHaveLength(26)
  })

  it('firebase 5: two users -> 2 requests', async () => {
    await deliver([event(), event({ userId: 'u2' }), event()])
    expect(google.requests).toHaveLength(2)
    expect(google.stored.map(({ userId }) => userId).sort()).toEqual(['u1', 'u1', 'u2'])
  })

  it('firebase 6: 73 h old -> flagged', async () => {
    const timestamp = NOW - 73 * 3_600_000
    expect(await deliver([event({ timestamp })])).toEqual([delivered])
    expect(google.stored[0]).toMatchObject({ timestampMicros: (NOW - 72 * 3_600_000) * 1000, params: { waymark_happened_at: timestamp } })
    expect(context.warnings).toEqual([expect.stringContaining('72 hours')])
    expect(await deliver([event({ timestamp })], { late: 'reject' })).toEqual([{ status: 'rejected', reason: expect.stringContaining('72 hours') }])
  })

  it('firebase 8: no app_instance_id -> skip+reason', async () => {
    const outcomes = await deliver([event({ anonymousId: 'one-of-ours' }), event({ userId: 'u2' })])
    expect(outcomes).toEqual([{ status: 'rejected', reason: expect.stringMatching(/app_instance_id.*context\.firebase\.appInstanceId/) }, delivered])
    expect(google.stored.map(({ instance }) => instance)).toEqual([INSTANCE])
  })

  it('finds the device: by the option, the context, the user it was last seen with', async () => {
    const { anonymousId: _, ...bare } = event()
    const sink = sinkOf({ instanceOf: ({ properties }) => properties['device'] as string | undefined })
    expect(await sink.deliver([bare], context)).toMatchObject([{ status: 'rejected' }])
    const outcomes = await sink.deliver(
      [event({ context: { firebase: { appInstanceId: 'told' } } }), bare, { ...bare, properties: { device: 'asked' } }],
      context,
    )
    expect(outcomes).toEqual([delivered, delivered, delivered])
    expect(google.stored.map(({ instance }) => instance).sort()).toEqual(['asked', 'told', 'told'])
  })

  it('sends each to the stream of its device', async () => {
    await deliver([event({ anonymousId: '12.34' }), event()], { streams: { [APP]: 'a', [WEB]: 'w' } })
    expect(google.stored.map(({ stream, secret, instance }) => [stream, secret, instance]).sort()).toEqual([
      [APP, 'a', INSTANCE],
      [WEB, 'w', '12.34'],
    ])
  })

  it('firebase 10: 140 kB -> split', async () => {
    const properties = Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`property_${index}`, '\u6c49'.repeat(100)]))
    const events = Array.from({ length: 20 }, () => event({ properties }))
    expect(await deliver(events)).toEqual(events.map(() => delivered))
    expect(google.requests.length).toBeGreaterThan(1)
    for (const { sent } of google.requests) expect(sent.length).toBeLessThan(130_000)
    expect(google.stored).toHaveLength(20)
  })
})

describe('what each kind becomes', () => {
  it('carries user properties with the next event, or one of their own', async () => {
    const traits = { plan: 'pro', vip: true, left: null }
    const events = [
      event({ event: 'before' }),
      event({ type: 'identify', traits }),
      event({ event: 'after' }),
      event({ type: 'identify', traits: { plan: 'free' } }),
    ]
    expect(await deliver(events)).toEqual(events.map(() => delivered))
    expect(google.stored.map(({ name, userProperties }) => [name, Object.keys(userProperties)])).toEqual([
      ['before', []],
      ['after', ['plan', 'vip', 'left']],
      ['profile_updated', ['plan']],
    ])
    expect(google.stored[1]!.userProperties).toMatchObject({ plan: { value: 'pro' }, vip: { value: 1 }, left: { value: 'none' } })
  })

  it('knows pages, screens and groups, and sends no alias', async () => {
    const page = event({ type: 'page', name: 'Home', properties: { url: 'https://a.example/', title: 'A', referrer: 'https://b.example/' } })
    await deliver([
      page,
      event({ type: 'screen', name: 'Start' }),
      event({ type: 'group', groupId: 'g', traits: { size: 3 } }),
      event({ type: 'alias', previousId: 'x' }),
    ])
    expect(names()).toEqual(['page_viewed', 'screen_viewed', 'join_group'])
    expect(google.stored.map(({ params }) => params)).toMatchObject([
      { page_name: 'Home', page_location: 'https://a.example/', page_title: 'A', page_referrer: 'https://b.example/' },
      { screen_name: 'Start' },
      { group_id: 'g', size: 3 },
    ])
  })

  it('says what was consented to', async () => {
    const consent = (categoryPreferences: Record<string, boolean>) => event({ context: { consent: { categoryPreferences } } })
    await deliver([consent({ marketing: false }), consent({ marketing: false, ad_user_data: true }), event()])
    expect(google.stored.map((stored) => stored.consent)).toEqual([
      { ad_user_data: 'DENIED', ad_personalization: 'DENIED' },
      { ad_user_data: 'GRANTED', ad_personalization: 'DENIED' },
      undefined,
    ])
  })

  it('takes memberships as user properties and decisions as events', async () => {
    const sink = sinkOf({ learned: ['memberships', 'decisions'] })
    expect(sink.learned).toEqual(['memberships', 'decisions'])
    await sink.deliver(
      [event({ type: 'identify', source: 'waymark', traits: { waymark_engagement: 'engaged' } }), event({ source: 'waymark', event: 'waymark_decision' })],
      context,
    )
    expect(google.stored).toMatchObject([{ name: 'waymark_decision', userProperties: { waymark_engagement: { value: 'engaged' } } }])
  })

  it('obeys the mapping', async () => {
    const sink = firebase({
      receive: false,
      sink: { streams: { [APP]: 's' }, host: google.url },
      mapping: { outgoing: { signed_up: 'sign_up', heartbeat: false } },
    }).sink!
    expect(await sink.deliver([event(), event({ event: 'heartbeat' })], context)).toEqual([delivered, delivered])
    expect(names()).toEqual(['sign_up'])
  })
})

describe('what comes back', () => {
  it.each([
    ['is throttled', { kind: 'answer', status: 429, headers: { 'retry-after': '1' } }, { status: 'retry', reason: 'answered 429', afterMs: 1000 }],
    ['fails', { kind: 'answer', status: 503 }, { status: 'retry', reason: 'answered 503' }],
    ['redirects', { kind: 'answer', status: 302 }, { status: 'retry', reason: expect.stringContaining('sink.host') }],
    ['is not there', { kind: 'answer', status: 404 }, { status: 'retry', reason: expect.stringContaining('sink.streams') }],
    ['breaks the line after it was kept', { kind: 'lost' }, { status: 'rejected', reason: expect.stringContaining('may have arrived') }],
    ['is behind a gateway that gave up', { kind: 'answer', status: 504 }, { status: 'rejected', reason: expect.stringContaining('may have arrived') }],
    ['finds one event too large', { kind: 'answer', status: 413 }, { status: 'rejected', reason: 'answered 413' }],
  ] as const)('when Google %s', async (_, fault, outcome) => {
    google.next(fault)
    expect(await deliver([event()])).toEqual([outcome])
  })

  it('does not send again by itself what may have arrived, unless it is told to', async () => {
    google.next({ kind: 'hung' }, { kind: 'hung' })
    expect(await deliver([event()], { timeout: 100 })).toMatchObject([{ status: 'rejected' }])
    expect(await deliver([event()], { timeout: 100, resend: true })).toMatchObject([{ status: 'retry' }])
  })

  it('sends nothing more once something has to wait', async () => {
    const events = Array.from({ length: 30 }, (_, index) => event({ event: `e${index}` }))
    google.next({ kind: 'answer', status: 503 })
    expect(await deliver(events)).toEqual(events.map(() => ({ status: 'retry', reason: 'answered 503' })))
    expect(google.requests).toHaveLength(1)
  })

  it('tries again when nobody is there', async () => {
    await google.stop()
    expect(await deliver([event()])).toEqual([{ status: 'retry', reason: expect.stringContaining('ECONNREFUSED') }])
  })

  it('asks before it sends, and keeps back what Google finds wrong', async () => {
    google.next({
      kind: 'answer',
      status: 200,
      body: JSON.stringify({ validationMessages: [{ fieldPath: 'events[1].name', description: 'bad', validationCode: 'NAME_INVALID' }] }),
    })
    expect(await deliver([event({ event: 'a' }), event({ event: 'b' }), event({ event: 'c' })], { validate: true })).toEqual([
      delivered,
      { status: 'rejected', reason: expect.stringMatching(/events\[1\]\.name.*bad.*NAME_INVALID/) },
      delivered,
    ])
    expect(names()).toEqual(['a', 'c'])
    google.next({ kind: 'answer', status: 500 })
    expect(await deliver([event()], { validate: true })).toMatchObject([{ status: 'retry' }])
  })

  it('refuses what it cannot write, and delivers the rest', async () => {
    const throwing = {
      get plan(): never {
        throw new Error('broken')
      },
    }
    const outcomes = await deliver([event({ properties: throwing }), event({ userId: 'u'.repeat(257) }), event()])
    expect(outcomes).toEqual([
      { status: 'rejected', reason: expect.stringContaining('broken') },
      { status: 'rejected', reason: expect.stringContaining('256') },
      delivered,
    ])
  })
})
