import type { CanonicalEvent, DeliveryOutcome } from '@waymark/core'
import type { MemoryContext } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import type { SegmentEvent, VendorRequest, VendorServer } from '@waymark/testkit/vendors'
import { fakeSegment } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SegmentSinkOptions } from '../src/index.ts'
import { segment } from '../src/index.ts'

let context: MemoryContext
let vendor: VendorServer<SegmentEvent>
beforeEach(async () => {
  context = memoryContext()
  vendor = await fakeSegment()
})
afterEach(() => vendor.stop())

let count = 0
const event = (fields: Partial<CanonicalEvent> = {}): CanonicalEvent => ({
  type: 'track',
  ...(fields.type === undefined || fields.type === 'track' ? { event: 'Signed Up' } : {}),
  messageId: `m${(count += 1)}`,
  userId: 'u1',
  timestamp: Date.UTC(2024, 0, 2, 3, 4, 5, 678),
  receivedAt: Date.UTC(2024, 0, 2, 3, 4, 6),
  properties: {},
  traits: {},
  context: {},
  integrations: {},
  source: 'web',
  ...fields,
})
const deliver = async (events: readonly CanonicalEvent[], options: Partial<SegmentSinkOptions> = {}) =>
  segment({ receive: false, sink: { writeKey: 'WK', host: vendor.url, ...options } }).sink!.deliver(events, context)
/** The events of a request, as they came. */
const batchOf = ({ json }: VendorRequest) => (json as { batch: Record<string, any>[] }).batch
const answer = (status: number, headers: Record<string, string> = {}) => ({ kind: 'answer', status, headers }) as const
const delivered: DeliveryOutcome = { status: 'delivered' }

describe('what goes out', () => {
  it('sends every kind as Segment knows it, all in one request with its time', async () => {
    const events = [
      event({ properties: { plan: 'pro' }, anonymousId: 'an1', context: { locale: 'nb' } }),
      event({ type: 'identify', traits: { email: 'ada@example.com' } }),
      event({ type: 'page', name: 'Home', properties: { path: '/', category: 'Docs' } }),
      event({ type: 'screen', name: 'Home', properties: {} }),
      event({ type: 'group', groupId: 'acct', traits: { plan: 'pro' } }),
      event({ type: 'alias', previousId: 'an1' }),
      event({ event: 'waymark_message_seen', properties: { key: 'k1' } }),
    ]
    expect(await deliver(events)).toEqual(events.map(() => delivered))
    expect(vendor.requests).toHaveLength(1)
    expect(vendor.requests[0]).toMatchObject({ path: '/v1/batch', headers: { authorization: `Basic ${btoa('WK:')}` } })
    expect(vendor.stored).toMatchObject([
      { type: 'track', event: 'Signed Up', properties: { plan: 'pro' }, userId: 'u1', anonymousId: 'an1', context: { locale: 'nb' } },
      { type: 'identify', traits: { email: 'ada@example.com' } },
      { type: 'page', name: 'Home', category: 'Docs', properties: { path: '/' } },
      { type: 'screen', name: 'Home' },
      { type: 'group', groupId: 'acct', traits: { plan: 'pro' } },
      { type: 'alias', userId: 'u1', previousId: 'an1' },
      { type: 'track', event: 'waymark_message_seen', properties: { key: 'k1' } },
    ])
    for (const sent of vendor.stored) expect(sent['timestamp']).toBe('2024-01-02T03:04:05.678Z')
  })

  it('sends to the path it is given and leaves the events themselves untouched', async () => {
    const original = Object.freeze(event({ context: Object.freeze({ library: Object.freeze({ name: 'ours' }) }) }))
    expect(await deliver([original], { path: '/seg/v1/batch' })).toEqual([delivered])
    expect(vendor.requests[0]?.path).toBe('/seg/v1/batch')
    expect(original.context).toEqual({ library: { name: 'ours' } })
  })

  it('segment 13: group with only groupId (SDK allows) -> traits, no user', async () => {
    const { userId: _, ...nobody } = event({ type: 'group', groupId: 'acct', traits: { plan: 'pro' } })
    expect(await deliver([nobody])).toEqual([delivered])
    expect(vendor.stored).toMatchObject([{ type: 'group', groupId: 'acct' }])
  })

  it('segment 17: sink: BigInt property -> sanitized, delivered', async () => {
    const circle: Record<string, unknown> = { name: 'round' }
    circle['self'] = circle
    const odd = { big: 12345678901234567890n, circle, half: '\ud800!', when: new Date(0), nan: Number.NaN, list: [undefined, 1n], run() {} }
    expect(await deliver([event({ properties: odd as never }), event({ userId: 'u\udfff' })])).toEqual([delivered, delivered])
    expect(vendor.stored[0]!['properties']).toEqual({
      big: '12345678901234567890',
      circle: { name: 'round', self: '[circular]' },
      half: '\ufffd!',
      when: '1970-01-01T00:00:00.000Z',
      nan: null,
      list: [null, '1'],
    })
    expect(vendor.stored[1]!['userId']).toBe('u\ufffd')
  })

  it('rejects what Segment would not take, with the reason, and delivers the rest', async () => {
    const { userId: _, ...nobody } = event()
    const throwing = {
      get plan() {
        throw new Error('broken')
      },
    }
    const outcomes = await deliver([
      nobody,
      event({ properties: { text: 'x'.repeat(32 * 1024) } }),
      event({ type: 'group' }),
      event({ type: 'alias' }),
      event({ timestamp: 1e300 }),
      event({ properties: throwing as never }),
      event({ userId: 7 as never }),
      event(),
    ])
    expect(outcomes).toEqual([
      { status: 'rejected', reason: expect.stringContaining('anonymousId') },
      { status: 'rejected', reason: expect.stringMatching(/bytes.*32768/) },
      { status: 'rejected', reason: expect.stringContaining('groupId') },
      { status: 'rejected', reason: expect.stringContaining('previousId') },
      { status: 'rejected', reason: expect.stringContaining('timestamp') },
      { status: 'rejected', reason: expect.stringContaining('broken') },
      { status: 'rejected', reason: expect.stringMatching(/SDK refuses.*not a string/) },
      delivered,
    ])
    expect(vendor.stored).toHaveLength(1)
  })

  it('keeps each request below 500 KB', async () => {
    const events = Array.from({ length: 40 }, () => event({ properties: { text: 'x'.repeat(30_000) } }))
    expect(await deliver(events)).toEqual(events.map(() => delivered))
    expect(vendor.requests.length).toBe(3)
    expect(vendor.stored).toHaveLength(40)
  })

  it('segment 23: categoryPreferences {} / no consent key -> Segment gets them as they are', async () => {
    const consent = { categoryPreferences: {} }
    await deliver([event({ context: { consent } }), event()])
    expect(vendor.stored.map((sent) => (sent['context'] as Record<string, unknown>)['consent'])).toEqual([consent, undefined])
  })

  it('segment 25: one event, two writeKeys -> distinct messageIds', async () => {
    const one = event()
    await deliver([one])
    await deliver([one])
    await deliver([one], { writeKey: 'OTHER' })
    await deliver([{ ...one, source: 'mobile' }])
    const ids = vendor.requests.flatMap(batchOf).map(({ messageId }) => messageId)
    expect(vendor.copies).toBe(1)
    expect(ids[0]).toBe(ids[1])
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(100)
  })
})

describe('what comes back', () => {
  it('segment 18: sink: 400 -> dead-letter; 429 Retry-After:1 -> resent after 1s', async () => {
    vendor.script(() => answer(400))
    expect(await deliver([event()])).toEqual([{ status: 'rejected', reason: 'answered 400' }])

    const freeAt = context.time + 1000
    vendor.script(() => (context.time < freeAt ? answer(429, { 'retry-after': '1' }) : undefined))
    const limited = event()
    const [first] = await deliver([limited])
    expect(first).toEqual({ status: 'retry', reason: 'answered 429', afterMs: 1000 })
    context.time += 1000
    expect(await deliver([limited])).toEqual([delivered])
    const attempts = vendor.requests.slice(1).map((request) => batchOf(request)[0]!['messageId'])
    expect(attempts).toEqual([attempts[0], attempts[0]])
  })

  it('segment 19: sink: 302 -> failure (custom httpClient)', async () => {
    vendor.script(() => answer(302, { location: `${vendor.url}/elsewhere` }))
    expect(await deliver([event()])).toEqual([{ status: 'retry', reason: expect.stringMatching(/302.*elsewhere.*sink\.host/) }])
    expect(vendor.stored).toEqual([])
  })

  it('finds the one event a batch is refused for', async () => {
    vendor.script((request) => (batchOf(request).some(({ event }) => event === 'Poison') ? answer(400) : undefined))
    const events = Array.from({ length: 20 }, (_, index) => event({ event: index === 13 ? 'Poison' : `Fine ${index}` }))
    const outcomes = await deliver(events)
    expect(outcomes.map(({ status }) => status)).toEqual(events.map((_, index) => (index === 13 ? 'rejected' : 'delivered')))
    expect(vendor.stored.map((sent) => sent['event'])).toEqual(events.filter((_, index) => index !== 13).map((one) => one.event))
  })

  it.each([
    [413, 'rejected'],
    [401, 'retry'],
    [403, 'retry'],
    [404, 'retry'],
    [408, 'retry'],
    [410, 'retry'],
    [429, 'retry'],
    [460, 'retry'],
    [500, 'retry'],
    [501, 'retry'],
    [503, 'retry'],
    [505, 'retry'],
    [511, 'retry'],
    [304, 'retry'],
    [204, 'delivered'],
  ])('takes %i for %s, at once', async (status, expected) => {
    vendor.script(() => answer(status))
    const [outcome] = await deliver([event()])
    expect(outcome?.status).toBe(expected)
    expect(vendor.requests).toHaveLength(1)
    if (status === 401) expect(outcome).toMatchObject({ reason: expect.stringContaining('sink.writeKey') })
  })

  it.each([
    ['a date', new Date(Date.UTC(2026, 0, 2, 12, 0, 30)).toUTCString(), 30_000],
    ['a day', '86400', 3_600_000],
    ['a date gone by', new Date(0).toUTCString(), 0],
    ['nonsense', 'soon', undefined],
  ])('understands a Retry-After of %s', async (_, header, afterMs) => {
    vendor.script(() => answer(503, { 'retry-after': header }))
    const [outcome] = await deliver([event()])
    expect(outcome).toEqual({ status: 'retry', reason: 'answered 503', ...(afterMs === undefined ? {} : { afterMs }) })
  })

  it('lets nothing overtake an event that has to wait', async () => {
    vendor.script(() => (vendor.requests.length === 2 ? answer(503) : undefined))
    const events = Array.from({ length: 40 }, () => event({ properties: { text: 'x'.repeat(30_000) } }))
    const outcomes = await deliver(events)
    const sent = batchOf(vendor.requests[0]!).length
    expect(outcomes.map(({ status }) => status)).toEqual(events.map((_, index) => (index < sent ? 'delivered' : 'retry')))
    expect(vendor.requests).toHaveLength(2)
  })

  it.each([
    ['breaks the line', 'reset' as const, {}],
    ['does not answer in time', 'silent' as const, { timeout: 50 }],
  ])('tries again when Segment %s', async (_, kind, options) => {
    vendor.script(() => ({ kind }))
    expect(await deliver([event()], options)).toEqual([{ status: 'retry', reason: expect.stringContaining('no answer from 127.0.0.1') }])
  })

  it('ends at once when the host no longer wants it', async () => {
    const stop = new AbortController()
    vendor.script(() => {
      stop.abort()
      return { kind: 'silent' }
    })
    const sink = segment({ receive: false, sink: { writeKey: 'WK', host: vendor.url } }).sink!
    const outcomes = await sink.deliver([event()], { ...context, signal: stop.signal })
    expect(outcomes).toEqual([{ status: 'retry', reason: expect.stringContaining('no answer from 127.0.0.1') }])
  })

  it('tries again when nobody is there', async () => {
    await vendor.stop()
    expect(await deliver([event()])).toEqual([{ status: 'retry', reason: expect.stringContaining('ECONNREFUSED') }])
  })

  it('believes the status, whatever the body says', async () => {
    vendor.script(() => ({ ...answer(200), body: `<html>${'x'.repeat(1_000_000)}` }))
    expect(await deliver([event()])).toEqual([delivered])
  })

  it('delivers several batches at the same time without mixing their answers', async () => {
    vendor.script((request) => (batchOf(request)[0]!['event'] === 'Bad' ? answer(400) : undefined))
    expect(await Promise.all([deliver([event()]), deliver([event({ event: 'Bad' })]), deliver([event()])])).toMatchObject([
      [delivered],
      [{ status: 'rejected' }],
      [delivered],
    ])
  })
})

describe('echo', () => {
  it('does not take in again what it sent out, however far round it came', async () => {
    const own = segment({ sink: { writeKey: 'WK', host: vendor.url } })
    const host = await serve(own, context)
    const post = (batch: unknown) => fetch(`${host.url}/v1/batch`, { method: 'POST', body: JSON.stringify({ writeKey: 'wk', batch }) })
    await own.sink!.deliver([event()], context)
    const back = await post(vendor.stored)
    expect([back.status, await back.json()]).toEqual([200, { success: true }])
    expect([context.accepted, context.kept]).toEqual([[], []])

    // Another sink's event comes in; sent out by us and on by the other, it is still known.
    await deliver([event()], { writeKey: 'OTHER' })
    await post(vendor.stored.slice(1))
    expect(context.accepted).toHaveLength(1)
    await own.sink!.deliver(context.accepted, context)
    await deliver([{ ...event(), context: vendor.stored[2]!['context'] as CanonicalEvent['context'] }], { writeKey: 'OTHER' })
    expect((vendor.stored[3]!['context'] as Record<string, any>)['waymark'].through).toHaveLength(2)
    await post(vendor.stored.slice(3))
    expect(context.accepted).toHaveLength(1)
    await host.stop()
  })
})
