import type { CanonicalEvent } from '@waymark/core'
import { type MemoryContext, memoryContext, sampleEvent, sampleEvents } from '@waymark/testkit/plugin'
import { type FakeMixpanel, fakeMixpanel, type MixpanelRecord } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type MixpanelOptions, mixpanel } from '../src/index.ts'

let vendor: FakeMixpanel
let context: MemoryContext
beforeEach(async () => {
  context = memoryContext()
  vendor = await fakeMixpanel({ now: () => context.time })
})
afterEach(() => vendor.stop())

const deliver = (events: readonly CanonicalEvent[], options: MixpanelOptions = {}, timeout = 5000) =>
  mixpanel({ receive: false, ...options, sink: { token: 'TOK', host: vendor.url, timeout } }).sink!.deliver(events, context)
const statuses = async (events: readonly CanonicalEvent[], options?: MixpanelOptions) => (await deliver(events, options)).map(({ status }) => status)
const stored = (endpoint: MixpanelRecord['endpoint']) => vendor.stored.filter((one) => one.endpoint === endpoint)
const properties = () => stored('import').map((one) => one['properties'] as Record<string, unknown>)
const adding = sampleEvent(1, { type: 'identify', traits: {}, context: { mixpanel: { profile: { $add: { logins: 1 } } } } })

it('mixpanel 1: 60-char messageId -> stable 36-hex $insert_id', async () => {
  const event = sampleEvent(1, { messageId: 'x'.repeat(60) })
  await deliver([event])
  await deliver([event])
  expect(properties()[0]!['$insert_id']).toMatch(/^[0-9a-f]{36}$/)
  expect([stored('import').length, vendor.copies]).toEqual([1, 1])
})

it('mixpanel 2: userId "null" -> refused before send', async () => {
  expect(await deliver([sampleEvent(1, { userId: 'null' }), sampleEvent(2, { userId: 'Undefined' })])).toMatchObject([
    { status: 'rejected', reason: expect.stringContaining("'null'") },
    { status: 'rejected' },
  ])
  expect(vendor.requests).toHaveLength(0)
})

it('mixpanel 3: 2001 events -> 2 requests; 11MB -> split', async () => {
  expect(new Set(await statuses(sampleEvents(2001)))).toEqual(new Set(['delivered']))
  expect(vendor.requests).toHaveLength(2)
  const list = Array.from({ length: 30 }, () => 'x'.repeat(250))
  const large = sampleEvents(100, 3000).map((event) => ({
    ...event,
    properties: Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`k${index}`, list])),
  }))
  await statuses(large)
  expect(vendor.requests.length).toBe(4)
})

it('mixpanel 4: 400, failed_records index 3 -> only #3 dead-letters', async () => {
  const events = sampleEvents(6)
  vendor.next({
    kind: 'answer',
    status: 400,
    body: JSON.stringify({ code: 400, num_records_imported: 5, failed_records: [{ index: 3, $insert_id: 'z', field: 'properties.time', message: 'bad' }] }),
  })
  const outcomes = await deliver(events)
  expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered', 'rejected', 'delivered', 'delivered'])
  expect(outcomes[3]).toMatchObject({ reason: 'answered 400: properties.time: bad' })
})

it('mixpanel 5: 413 -> halve; single event -> dead-letter', async () => {
  vendor.next({ kind: 'answer', status: 413 })
  expect(await statuses(sampleEvents(4))).toEqual(['delivered', 'delivered', 'delivered', 'delivered'])
  expect(vendor.requests).toHaveLength(3)
  vendor.next({ kind: 'answer', status: 413 })
  expect(await statuses(sampleEvents(1, 9))).toEqual(['rejected'])
})

it('mixpanel 6: 429 twice then 200 -> one copy, same time', async () => {
  vendor.next({ kind: 'answer', status: 429 }, { kind: 'answer', status: 429 })
  const event = sampleEvent(1)
  for (const expected of ['retry', 'retry', 'delivered']) {
    expect(await statuses([event])).toEqual([expected])
    context.time += 60_000
  }
  const times = vendor.requests.map(({ json }) => (json as { properties: { time: number; $insert_id: string } }[])[0]!.properties)
  expect(new Set(times.map(({ time, $insert_id }) => `${time} ${$insert_id}`)).size).toBe(1)
  expect(stored('import')).toHaveLength(1)
})

it('mixpanel 7: timeout after send -> resend, same dedupe key', async () => {
  vendor.next({ kind: 'hung' })
  expect((await deliver([sampleEvent(1)], {}, 100)).map(({ status }) => status)).toEqual(['retry'])
  expect(await statuses([sampleEvent(1)])).toEqual(['delivered'])
  expect([stored('import').length, vendor.copies]).toEqual([1, 1])
})

it('mixpanel 8: $add timeout -> not resent', async () => {
  vendor.next({ kind: 'hung' })
  expect(await deliver([adding], {}, 100)).toEqual([{ status: 'rejected', reason: expect.stringContaining('may have been counted') }])
  vendor.next({ kind: 'answer', status: 429 })
  expect(await statuses([adding])).toEqual(['retry'])
  expect(await statuses([adding])).toEqual(['delivered'])
})

it('mixpanel 9: 6-day-old event -> /import, not /track', async () => {
  const timestamp = context.time - 6 * 86_400_000
  expect(await statuses([sampleEvent(1, { timestamp })])).toEqual(['delivered'])
  expect(vendor.requests.map(({ path }) => path)).toEqual(['/import'])
  expect(properties()[0]!['time']).toBe(timestamp)
})

it('mixpanel 10: future time -> clamped', async () => {
  const event = sampleEvent(1, { timestamp: context.time + 7_200_000, receivedAt: context.time })
  expect(await statuses([event])).toEqual(['delivered'])
  expect(properties()[0]!['time']).toBe(context.time)
})

it('mixpanel 11: 256 props / depth 4 -> trimmed', async () => {
  const many = Object.fromEntries(Array.from({ length: 256 }, (_, index) => [`k${index}`, index]))
  await deliver([sampleEvent(1, { properties: many }), sampleEvent(2, { properties: { a: { b: { c: { d: { e: 1 } } } }, long: 'é'.repeat(200) } })])
  const [first, second] = properties()
  expect(Object.keys(first!)).toHaveLength(254)
  expect(second).toMatchObject({ a: { b: { c: { d: '{"e":1}' } } }, long: 'é'.repeat(127) })
})

it('mixpanel 28: 500 with body "1" -> our sink fails it', async () => {
  vendor.odd = { status: 500, body: '1' }
  expect(await deliver([sampleEvent(1, { type: 'identify' })])).toMatchObject([{ status: 'retry', reason: expect.stringContaining('500') }])
  vendor.odd = { status: 500, body: '{"status":1,"error":null}' }
  expect(await statuses([sampleEvent(1, { type: 'identify' })])).toEqual(['retry'])
})

it('mixpanel 29: property `$ignore` or `bucket` -> renamed', async () => {
  await deliver([sampleEvent(1, { properties: { $ignore: true, bucket: 'b', time: 1, own_bucket: 2, plan: 'pro' } })])
  expect(properties()[0]).toMatchObject({ own_$ignore: true, own_bucket: 'b', own_time: 1, own_own_bucket: 2, plan: 'pro', time: sampleEvent(1).timestamp })
  expect(properties()[0]).not.toHaveProperty('$ignore')
})

it('takes traits of a group away, cuts names at a character, and claims no address for what has none', async () => {
  await deliver([sampleEvent(1, { type: 'group', groupId: 'acme', traits: { plan: null, seats: 3 } }), sampleEvent(2, { event: `${'x'.repeat(254)}😀` })])
  expect(stored('groups').map(({ $set, $unset }) => $set ?? $unset)).toEqual([{ seats: 3 }, ['plan']])
  expect(stored('import')[0]?.['event']).toBe('x'.repeat(254))
  expect(vendor.requests.filter(({ path }) => path === '/import').map(({ query }) => query.get('ip'))).toEqual(['0'])
})

it('writes every kind, with ids for the identity merge of the project', async () => {
  const ids = { userId: 'u1', anonymousId: '5f2e0d8a-5c1b-4b5e-9f3a-2d3c4b5a6978' }
  const events = [
    sampleEvent(1, { ...ids, context: { groupId: 'acme', page: { url: 'https://x' }, os: { name: 'mac' } } }),
    sampleEvent(2, { ...ids, type: 'identify', traits: { email: 'a@b.c', plan: null, seats: 3 } }),
    sampleEvent(3, { type: 'group', userId: 'u1', groupId: 'acme', traits: { seats: 3 } }),
    sampleEvent(4, { type: 'page', name: 'Home', userId: 'u1' }),
    sampleEvent(5, { type: 'alias', userId: 'u1', previousId: 'u0' }),
  ]
  expect(await statuses(events)).toEqual(events.map(() => 'delivered'))
  expect(context.warnings).toHaveLength(1)
  expect(stored('import')).toMatchObject([
    {
      event: 'sample_done',
      properties: { $user_id: 'u1', $device_id: ids.anonymousId, distinct_id: 'u1', company: ['acme'], $current_url: 'https://x', $os: 'mac' },
    },
    { event: '$identify', properties: { $identified_id: 'u1', $anon_id: ids.anonymousId } },
    { event: 'Viewed Home' },
  ])
  expect(stored('engage').map(({ $distinct_id, $set, $unset, $union }) => [$distinct_id, $set ?? $unset ?? $union])).toEqual([
    ['u1', { $email: 'a@b.c', seats: 3 }],
    ['u1', ['plan']],
    ['u1', { company: ['acme'] }],
  ])
  expect(stored('groups')).toMatchObject([{ $group_key: 'company', $group_id: 'acme', $set: { seats: 3 } }])
  await deliver(events.slice(4), { identity: 'original' })
  expect(stored('import').at(-1)).toMatchObject({ event: '$create_alias', properties: { distinct_id: 'u0', alias: 'u1' } })
})
