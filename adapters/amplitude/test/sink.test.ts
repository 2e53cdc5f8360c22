import type { CanonicalEvent, DeliveryOutcome } from '@waymark/core'
import type { MemoryContext } from '@waymark/testkit/plugin'
import { driveSink, memoryContext, serve } from '@waymark/testkit/plugin'
import type { FakeAmplitude } from '@waymark/testkit/vendors'
import { fakeAmplitude } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOSTS } from '../src/hosts.ts'
import type { AmplitudeOptions, AmplitudeSinkOptions } from '../src/index.ts'
import { amplitude } from '../src/index.ts'
import { event, nobody } from './events.ts'

let context: MemoryContext
let vendor: FakeAmplitude
beforeEach(async () => {
  context = memoryContext()
  vendor = await fakeAmplitude()
})
afterEach(() => vendor.stop())

const plugin = (options: Partial<AmplitudeSinkOptions> = {}, more: AmplitudeOptions = {}) =>
  amplitude({ receive: false, ...more, sink: { apiKey: 'AK', host: vendor.url, ...options } })
const deliver = async (events: readonly CanonicalEvent[], options: Partial<AmplitudeSinkOptions> = {}, more: AmplitudeOptions = {}) =>
  plugin(options, more).sink!.deliver(events, context)
const delivered: DeliveryOutcome = { status: 'delivered' }
const reason = (text: string | RegExp): unknown => (typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text))
const sizes = () => vendor.requests.map(({ json }) => (json as { events: unknown[] }).events.length)

describe('who it is about', () => {
  it('amplitude 1: userId "ab" -> min_id_length is sent along', async () => {
    expect(await deliver([event({ userId: 'ab' })])).toEqual([delivered])
    expect(vendor.requests[0]?.json).toMatchObject({ options: { min_id_length: 1 } })
    expect(vendor.stored).toMatchObject([{ user_id: 'ab' }])
  })

  it('amplitude 1: userId "ab" -> rejected here when ids of that length are not wanted', async () => {
    expect(await deliver([event({ userId: 'ab' }), event({ userId: 'abcde' })], { minIdLength: 5 })).toEqual([
      { status: 'rejected', reason: reason('minIdLength') },
      delivered,
    ])
    expect(vendor.stored).toHaveLength(1)
  })

  it('amplitude 2: anonymousId "unknown" -> removed', async () => {
    expect(await deliver([event({ anonymousId: 'unknown' }), nobody({ anonymousId: 'Unknown' })])).toEqual([
      delivered,
      { status: 'rejected', reason: reason('stands for nobody') },
    ])
    expect(vendor.stored).toHaveLength(1)
    expect(vendor.stored[0]).not.toHaveProperty('device_id')
  })

  it('amplitude 3: no ids -> local error', async () => {
    expect(await deliver([nobody()])).toEqual([{ status: 'rejected', reason: reason('userId') }])
    expect(vendor.requests).toEqual([])
  })

  it('amplitude 5: same messageId twice -> both settle, one stored', async () => {
    const twice = event()
    expect(await deliver([twice, { ...twice }])).toEqual([delivered, delivered])
    expect(vendor.stored).toHaveLength(1)
    expect(await Promise.all([deliver([twice]), deliver([twice])])).toEqual([[delivered], [delivered]])
    expect(vendor.stored).toHaveLength(1)
  })
})

describe('what goes out', () => {
  it('amplitude 4: ISO timestamp -> ms', async () => {
    await deliver([event({ timestamp: '2024-01-02T03:04:05.678Z' as never })])
    expect(vendor.stored).toMatchObject([{ time: Date.UTC(2024, 0, 2, 3, 4, 5, 678) }])
    expect(await deliver([event({ timestamp: 'soon' as never })])).toEqual([{ status: 'rejected', reason: reason('timestamp') }])
  })

  it('amplitude 13: null trait -> $unset', async () => {
    await deliver([event({ type: 'identify', traits: { plan: null, name: 'Ada' } })])
    expect(vendor.stored).toMatchObject([{ event_type: '$identify', user_properties: { $unset: { plan: '-' }, $set: { name: 'Ada' } } }])
  })

  it('amplitude 14: traits+ops -> never mixed', async () => {
    await deliver([
      event({ type: 'identify', traits: { plan: 'pro', $add: { logins: 1 } }, context: { amplitude: { operations: { $setOnce: { first: 'a' } } } } }),
    ])
    expect(vendor.stored[0]?.['user_properties']).toEqual({ $set: { plan: 'pro' }, $add: { logins: 1 }, $setOnce: { first: 'a' } })
  })

  it('amplitude 15: 1500-char string -> 1024, no split surrogate', async () => {
    await deliver([event({ properties: { text: 'x'.repeat(1500), pairs: `${'x'.repeat(1023)}😀😀` } })])
    const { text, pairs } = vendor.stored[0]!['event_properties'] as Record<string, string>
    expect([text?.length, pairs?.length, pairs?.isWellFormed()]).toEqual([1024, 1023, true])
  })

  it('amplitude 16: trait [true,false] kept', async () => {
    await deliver([event({ type: 'identify', traits: { flags: [true, false] } })])
    expect(vendor.stored[0]?.['user_properties']).toEqual({ $set: { flags: [true, false] } })
  })

  it('amplitude 17: group array kept', async () => {
    await deliver([event({ context: { groups: { team: ['a', 'b'] } } })])
    expect(vendor.stored[0]?.['groups']).toEqual({ team: ['a', 'b'] })
  })

  it('amplitude 18: optOut -> none sent', async () => {
    expect(await deliver([event({ context: { consent: { categoryPreferences: { analytics: false } } } })])).toEqual([delivered])
    expect(vendor.requests).toEqual([])
    expect(plugin().sink?.integrations).toContain('Amplitude')
  })

  it('amplitude 25: EU -> EU hosts', async () => {
    expect(HOSTS.eu).toEqual({ ingest: 'https://api.eu.amplitude.com', rest: 'https://analytics.eu.amplitude.com' })
    const asked: string[] = []
    const { fetch } = globalThis
    globalThis.fetch = async (url) => {
      asked.push(String(url))
      return Response.json({ code: 200 })
    }
    try {
      const eu = amplitude({ region: 'eu', sink: { apiKey: 'AK' }, rest: { apiKey: 'AK', secretKey: 'SK' }, erase: true })
      await eu.sink?.deliver([event()], context)
      await eu.eraser?.erase({ profile: 'u1', userIds: ['u1'], anonymousIds: [] }, context)
    } finally {
      globalThis.fetch = fetch
    }
    expect(asked).toEqual(['https://api.eu.amplitude.com/2/httpapi', 'https://analytics.eu.amplitude.com/api/2/deletions/users'])
  })

  it('amplitude 26: a mapping that throws is contained', async () => {
    const outgoing = {
      Broken() {
        throw new Error('oops')
      },
      Heartbeat: false as const,
      'Signed Up': 'sign_up',
    }
    expect(await deliver([event({ event: 'Broken' }), event(), event({ event: 'Heartbeat' })], {}, { mapping: { outgoing } })).toEqual([
      { status: 'rejected', reason: reason('mapping.outgoing: oops') },
      delivered,
      delivered,
    ])
    expect(vendor.stored).toMatchObject([{ event_type: 'sign_up' }])
  })

  it('sends every kind as Amplitude knows it', async () => {
    await deliver([
      event({
        messageId: 'a',
        anonymousId: 'd1',
        properties: { plan: 'pro', revenue: 9 },
        context: { app: { version: '1.2' }, locale: 'nb', ip: '1.2.3.4', sessionId: 1700 },
      }),
      event({ type: 'page', name: 'Home', properties: { url: 'https://x/', path: '/', depth: 2 } }),
      event({ type: 'screen', name: 'Home' }),
      event({ messageId: 'g', type: 'group', groupId: 'acme', traits: { size: 9 } }),
      event({ type: 'alias', previousId: 'd0' }),
    ])
    expect(vendor.stored).toMatchObject([
      {
        user_id: 'u1',
        device_id: 'd1',
        insert_id: 'a',
        session_id: 1700,
        app_version: '1.2',
        language: 'nb',
        ip: '1.2.3.4',
        revenue: 9,
        event_properties: { plan: 'pro', revenue: 9 },
      },
      { event_type: '[Amplitude] Page Viewed', event_properties: { '[Amplitude] Page Title': 'Home', '[Amplitude] Page Path': '/', depth: 2 } },
      { event_type: '[Amplitude] Screen Viewed', event_properties: { '[Amplitude] Screen Name': 'Home' }, session_id: -1 },
      { event_type: '$identify', insert_id: 'g', user_id: 'u1', groups: { group: 'acme' }, user_properties: { $set: { group: 'acme' } } },
      { event_type: '$groupidentify', insert_id: 'g:1', groups: { group: 'acme' }, group_properties: { $set: { size: 9 } } },
      { event_type: '$identify', user_id: 'u1', device_id: 'd0' },
    ])
  })

  it('sends what Waymark learns, and moves users between cohorts', async () => {
    const learned = plugin(
      { cohorts: { 'engagement/engaged': 'c1', 'engagement/at-risk': 'c2' } },
      { rest: { apiKey: 'AK', secretKey: 'SK', host: vendor.url } },
    ).sink!
    expect(learned.learned).toEqual(['memberships', 'decisions'])
    expect(await learned.deliver([event({ type: 'identify', source: 'waymark', traits: { waymark_engagement: 'engaged' } })], context)).toEqual([delivered])
    expect(vendor.stored).toMatchObject([{ user_properties: { $set: { waymark_engagement: 'engaged' } } }])
    expect(vendor.project.moves).toMatchObject([
      { cohort_id: 'c1', memberships: [{ ids: ['u1'], id_type: 'BY_NAME', operation: 'ADD' }] },
      { cohort_id: 'c2', memberships: [{ ids: ['u1'], operation: 'REMOVE' }] },
    ])
  })

  it('gives aliases to the user mapping where that is wanted', async () => {
    expect(await deliver([event({ type: 'alias', previousId: 'old' })], { usermap: true })).toEqual([delivered])
    expect(vendor.project.aliases).toEqual([{ user_id: 'old', global_user_id: 'u1' }])
  })

  it('its own events are not taken in again, by the endpoints of the same plugin alone', async () => {
    const both = (apiKey: string) => amplitude({ apiKeys: { AK: 'web' }, sink: { apiKey, host: vendor.url } })
    await deliver([event({ userId: 'user-1' })])
    for (const [apiKey, taken] of [
      ['AK', 0],
      ['OTHER', 1],
    ] as const) {
      const own = memoryContext()
      const host = await serve(both(apiKey), own)
      await fetch(`${host.url}/2/httpapi`, { method: 'POST', body: JSON.stringify({ api_key: 'AK', events: vendor.stored }) })
      await host.stop()
      expect(own.accepted).toHaveLength(taken)
    }
  })
})

describe('limits', () => {
  it('amplitude 6: 2001 events -> 2 requests', async () => {
    const events = Array.from({ length: 2001 }, () => event())
    expect(await deliver(events)).toEqual(events.map(() => delivered))
    expect(sizes()).toEqual([2000, 1])
  })

  it('amplitude 7: 1.2 MB -> split', async () => {
    const events = Array.from({ length: 120 }, () =>
      event({ properties: Object.fromEntries(Array.from({ length: 10 }, (_, key) => [`k${key}`, 'x'.repeat(1000)])) }),
    )
    expect(await deliver(events)).toEqual(events.map(() => delivered))
    expect(vendor.requests).toHaveLength(2)
    for (const { sent } of vendor.requests) expect(sent.length).toBeLessThan(1024 * 1024)
  })

  it('amplitude 8: 413 on one -> dead-letter', async () => {
    const huge = event({ properties: Object.fromEntries(Array.from({ length: 1100 }, (_, key) => [`k${key}`, 'x'.repeat(1000)])) })
    expect(await deliver([event(), huge, event()])).toEqual([delivered, { status: 'rejected', reason: reason('413') }, delivered])
    vendor.next({ kind: 'answer', status: 413 }, { kind: 'answer', status: 413 })
    expect(await deliver([event(), event()])).toEqual([{ status: 'rejected', reason: reason('413') }, delivered])
  })

  it('amplitude 9: 429 [1] of 3 -> 0,2 now; 1 after 30 s', async () => {
    const sink = plugin().sink!
    const events = [event({ userId: 'u0' }), event({ userId: 'busy' }), event({ userId: 'u2' })]
    vendor.throttled.add('busy')
    expect(await sink.deliver(events, context)).toEqual([delivered, { status: 'retry', reason: reason('no more of this user'), afterMs: 30_000 }, delivered])
    expect(vendor.stored.map((stored) => stored['user_id'])).toEqual(['u0', 'u2'])
    vendor.throttled.clear()
    context.time += 10_000
    const next = event({ userId: 'busy' })
    expect(await sink.deliver([next], context)).toMatchObject([{ status: 'retry', afterMs: 20_000 }])
    expect(vendor.requests).toHaveLength(2)
    context.time += 20_000
    expect(await sink.deliver([events[1]!, next], context)).toEqual([delivered, delivered])
    expect(vendor.stored.map((stored) => stored['user_id'])).toEqual(['u0', 'u2', 'busy', 'busy'])
  })

  it('parks for a day who has used up the daily quota, and waits 15 s at /batch', async () => {
    vendor.exhausted.add('u1')
    expect(await deliver([event(), event({ userId: 'u2' })])).toMatchObject([{ status: 'retry', afterMs: 86_400_000 }, delivered])
    vendor.exhausted.clear()
    vendor.throttled.add('u1')
    expect(await deliver([event(), event({ userId: 'u2' })], { api: 'batch' })).toMatchObject([{ status: 'retry', afterMs: 15_000 }, delivered])
  })

  it('amplitude 10: 400 time:[0] twice -> both culled, rest 200', async () => {
    const body = JSON.stringify({ code: 400, error: 'Invalid field values on some events', events_with_invalid_fields: { time: [0] } })
    vendor.next({ kind: 'answer', status: 400, body }, { kind: 'answer', status: 400, body })
    const events = [event(), event(), event(), event()]
    const rejected = { status: 'rejected', reason: reason('time: invalid') }
    expect(await deliver(events)).toEqual([rejected, rejected, delivered, delivered])
    expect(sizes()).toEqual([4, 3, 2])
    expect(vendor.stored.map(({ insert_id }) => insert_id)).toEqual(events.slice(2).map(({ messageId }) => messageId))
  })

  it.each([
    ['httpapi', [4, 3, 2]],
    ['batch', [4, 2]],
  ] as const)('takes out what is named one at a time, or all at once: %s', async (api, requests) => {
    const bad = () => event({ properties: { at: 'fault' } })
    const events = [bad(), event(), bad(), event()]
    for (const { messageId, userId } of events.filter(({ properties }) => properties['at'] === 'fault')) vendor.refuse(`${userId} ${messageId}`)
    const rejected = { status: 'rejected', reason: reason('Invalid field values') }
    expect(await deliver(events, { api })).toEqual([rejected, delivered, rejected, delivered])
    expect(sizes()).toEqual(requests)
  })

  it('finds the one at fault by halves where the answer names none', async () => {
    vendor.next(...[4, 2, 1].map(() => ({ kind: 'answer' as const, status: 400, body: '{"code":400,"error":"Invalid event JSON"}' })))
    expect(await deliver([event(), event(), event(), event()])).toEqual([
      { status: 'rejected', reason: reason('Invalid event JSON') },
      delivered,
      delivered,
      delivered,
    ])
  })

  // Fatal to the upload, as the spec has it: nothing more is sent. Not to the events: the README says why.
  it('amplitude 11: Invalid API key -> fatal: one request, no halving, and the events wait for the key to be mended', async () => {
    const strict = await fakeAmplitude({ apiKeys: ['other'] })
    expect(await deliver([event(), event()], { host: strict.url })).toEqual(
      [0, 1].map(() => ({ status: 'retry', reason: reason(/Invalid API key.*sink\.apiKey/) })),
    )
    expect(strict.requests).toHaveLength(1)
    await strict.stop()
  })

  it('amplitude 12: ECONNREFUSED then up -> delivered', async () => {
    const { port } = new URL(vendor.url)
    await vendor.stop()
    const waiting = event()
    expect(await deliver([waiting], { host: `http://127.0.0.1:${port}` })).toEqual([{ status: 'retry', reason: reason('ECONNREFUSED') }])
    vendor = await fakeAmplitude()
    expect(await deliver([waiting])).toEqual([delivered])
    expect(vendor.stored).toHaveLength(1)
  })

  it.each([
    ['200 that is not Amplitude', { status: 200, body: '{"ok":true}' }],
    ['200 around a refusal', { status: 200, body: '{"code":500}' }],
    ['500 that says 200', { status: 500, body: '{"code":200}' }],
    ['empty 200', { status: 200, body: '' }],
    ['JSON text', { status: 200, body: '"fine"' }],
    ['redirect', { status: 302, body: '' }],
    ['firewall', { status: 403, body: '<html>' }],
  ])('an answer that proves nothing is tried again, with the same insert_id: %s', async (_, answer) => {
    vendor.next({ kind: 'answer', ...answer })
    const events = [event()]
    expect(await deliver(events)).toMatchObject([{ status: 'retry' }])
    expect(await deliver(events)).toEqual([delivered])
    expect(vendor.requests[0]?.text).toBe(vendor.requests[1]?.text)
  })

  it('delivers each of 20,000 events once through every trouble, and the counts add up', async () => {
    vendor.misbehave({ throttled: 0.05, failing: 0.05, partial: 0.1, lost: 0.1, reset: 0.05, tooLarge: 0.05 }, 7)
    const events = Array.from({ length: 20_000 }, (_, index) => event({ userId: `user-${index % 500}` }))
    const sink = { ...plugin().sink!, maxBatch: 250 }
    const { delivered: taken, rejected } = await driveSink(sink, events, context)
    expect(taken.length + rejected.length).toBe(events.length)
    expect(vendor.stored).toHaveLength(taken.length)
    expect(rejected.length).toBeLessThan(100)
  })
})
