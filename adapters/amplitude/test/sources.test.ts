import type { CanonicalEvent, SourcePage } from '@waymark/core'
import type { MemoryContext } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import type { FakeAmplitude } from '@waymark/testkit/vendors'
import { fakeAmplitude } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { utc } from '../src/from-export.ts'
import { amplitude } from '../src/index.ts'
import { exportOf } from './export-file.ts'

let context: MemoryContext
let vendor: FakeAmplitude
beforeEach(async () => {
  context = memoryContext()
  vendor = await fakeAmplitude()
})
afterEach(() => vendor.stop())

const rest = () => ({ apiKey: 'AK', secretKey: 'SK', host: vendor.url })
async function pull(
  options: Parameters<typeof amplitude>[0],
  cursor?: SourcePage['cursor'],
): Promise<{ events: CanonicalEvent[]; last: SourcePage['cursor']; pages: SourcePage[] }> {
  const pages: SourcePage[] = []
  for await (const page of amplitude({ receive: false, rest: rest(), ...options }).sources![0]!.pull(cursor, context)) pages.push(page)
  return { pages, events: pages.flatMap(({ events }) => events), last: pages.findLast((page) => page.cursor !== undefined)?.cursor }
}
const asked = () => vendor.requests.map(({ query }) => [query.get('start'), query.get('end')])

it('amplitude 19: export 404 -> empty, and the cursor moves on to what is complete', async () => {
  const { events, last, pages } = await pull({ export: true })
  expect([events, last]).toEqual([[], { hour: '20260102T10' }])
  expect(asked()).toEqual([['20260101T10', '20260102T09']])
  expect(pages.at(-1)?.progress).toBe('2026-01-02T09, hour 24 of 24')
  context.time += 3_600_000
  await pull({ export: true }, last)
  expect(asked().at(-1)).toEqual(['20260102T09', '20260102T10'])
})

it('amplitude 20: TZ=America/New_York -> UTC times', async () => {
  const before = process.env['TZ']
  process.env['TZ'] = 'America/New_York'
  try {
    expect(new Date(2026, 0, 1).getTimezoneOffset()).toBe(300)
    expect(utc('2025-07-17 10:36:28.583000')).toBe(Date.UTC(2025, 6, 17, 10, 36, 28, 583))
    expect(utc('2025-07-17T10:36:28+02:00')).toBe(Date.UTC(2025, 6, 17, 8, 36, 28))
    vendor.project.archives.set(
      '20260102T09',
      await exportOf([{ uuid: 'a', user_id: 'user-1', event_type: 'Opened', event_time: '2026-01-02 08:10:00.583000' }]),
    )
    expect((await pull({ export: true })).events).toMatchObject([{ timestamp: Date.UTC(2026, 0, 2, 8, 10, 0, 583) }])
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
})

it('reads a line of an export, whose nulls are nothing and whose user properties are no change', async () => {
  const line = {
    $insert_id: null,
    uuid: 'u-1',
    amplitude_id: 45975551903,
    user_id: 'user-1',
    device_id: 'device-1',
    session_id: -1,
    event_type: 'Opened',
    event_time: '2026-01-02 08:10:00.000000',
    event_properties: { plan: 'pro' },
    user_properties: { name: 'Ada' },
    groups: {},
    data: {},
    library: 'amplitude-ts/2.47.0',
    version_name: '1.2',
    language: 'English',
    ip_address: '1.2.3.4',
    city: null,
  }
  vendor.project.archives.set('20260102T09', await exportOf([line, { ...line, uuid: 'u-2', event_type: '$identify' }, { uuid: 'u-3' }]))
  const { events } = await pull({ export: true })
  expect(events).toMatchObject([
    {
      type: 'track',
      messageId: 'u-1',
      source: 'amplitude:export',
      properties: { plan: 'pro' },
      context: { app: { version: '1.2' }, ip: '1.2.3.4', library: { name: 'amplitude-ts', version: '2.47.0' } },
    },
    { type: 'identify', traits: { name: 'Ada' } },
  ])
  expect(events).toHaveLength(2)
  expect(context.kept).toMatchObject([{ reason: expect.stringContaining('event_type') }])
})

it('halves a range that is too much for one answer', async () => {
  vendor.project.tooMuch = 6
  await pull({ export: { since: Date.UTC(2026, 0, 1, 22) } })
  expect(asked()).toEqual([
    ['20260101T22', '20260102T09'],
    ['20260101T22', '20260102T03'],
    ['20260102T04', '20260102T09'],
  ])
})

it('drops what its own sink has sent', async () => {
  const options = { sink: { apiKey: 'AK', host: vendor.url }, export: true }
  await amplitude(options.sink ? { sink: options.sink } : {}).sink?.deliver([{ ...(await sample()) }], context)
  vendor.project.archives.set('20260102T09', await exportOf([...vendor.stored, { uuid: 'other', user_id: 'user-1', event_type: 'Opened' }]))
  expect((await pull(options)).events.map(({ messageId }) => messageId)).toEqual(['other'])
})

it('amplitude 21: cohort replay -> one change', async () => {
  const host = await serve(amplitude({ webhooks: { secret: 'Bearer s3cret' } }), context)
  const body = {
    cohort_name: 'Power users',
    cohort_id: 'c1',
    in_cohort: true,
    computed_time: '1692206763',
    message_id: 'uuid::enter::0',
    users: [{ user_id: 'user-1', user_properties: { plan: 'pro' } }, { user_id: 'user-2' }],
  }
  const send = (secret: string) =>
    fetch(`${host.url}/webhooks/amplitude/cohort`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: secret } })
  expect((await send('Bearer wrong')).status).toBe(401)
  for (const _ of [1, 2]) expect([(await send('Bearer s3cret')).status, context.accepted.length]).toEqual([200, 2])
  expect(context.accepted[0]).toMatchObject({
    type: 'identify',
    userId: 'user-1',
    traits: { plan: 'pro', amplitude_power_users: true },
    timestamp: 1_692_206_763_000,
    source: 'amplitude:cohorts',
  })
  await host.stop()
})

it('takes events that Amplitude sends on', async () => {
  const host = await serve(amplitude({ webhooks: { secret: 's', header: 'x-secret' } }), context)
  const body = JSON.stringify({ uuid: 'e1', user_id: 'user-1', event_type: 'Opened', event_time: '2026-01-02 08:10:00.000000' })
  const send = () => fetch(`${host.url}/webhooks/amplitude/event`, { method: 'POST', body, headers: { 'x-secret': 's' } })
  for (const _ of [1, 2]) expect((await send()).status).toBe(200)
  expect(context.accepted).toMatchObject([{ event: 'Opened', messageId: 'e1', timestamp: Date.UTC(2026, 0, 2, 8, 10) }])
  await host.stop()
})

it('tells who came into a cohort and who left', async () => {
  vendor.project.cohorts.set('c1', ['user-1', 'user-2'])
  const first = await pull({ cohorts: ['c1'] })
  expect(first.events.map(({ userId, traits }) => [userId, traits])).toEqual([
    ['user-1', { amplitude_c1: true }],
    ['user-2', { amplitude_c1: true }],
  ])
  vendor.project.cohorts.set('c1', ['user-2', 'user-3'])
  const second = await pull({ cohorts: ['c1'] }, first.last)
  expect(second.events.map(({ userId, traits }) => [userId, traits])).toEqual([
    ['user-3', { amplitude_c1: true }],
    ['user-1', { amplitude_c1: false }],
  ])
})

it('waits for a cohort that is being computed, and fetches its members from where they lie', async () => {
  vendor.project.cohorts.set('c1', ['user-1'])
  Object.assign(vendor.project, { computing: 3, lieElsewhere: true })
  const { events, pages } = await pull({ cohorts: ['c1'] })
  expect(events.map(({ userId }) => userId)).toEqual(['user-1'])
  expect(pages.flatMap(({ pauseMs }) => pauseMs ?? [])).toEqual([10_000, 20_000, 40_000, 80_000])
  expect(vendor.requests.at(-1)).toMatchObject({ path: '/elsewhere/request-1' })
  expect(vendor.requests.at(-1)?.headers).not.toHaveProperty('authorization')
})

it.each([false, true])('does not take a file of members that is too long for one with fewer members, lying elsewhere: %s', async (lieElsewhere) => {
  const members = Array.from({ length: 40_000 }, (_, index) => `user-${index}-with-an-id-of-some-length`)
  vendor.project.cohorts.set('c1', members)
  vendor.project.lieElsewhere = lieElsewhere
  const first = await pull({ cohorts: ['c1'] })
  expect(first.events).toHaveLength(40_000)
  vendor.project.cohorts.set('c1', [...members, 'x'.repeat(65 * 1024 * 1024)])
  await expect(pull({ cohorts: ['c1'] }, first.last)).rejects.toThrow(/more/)
})

it('goes on with the request that was under way, and gives its members the same message ids', async () => {
  vendor.project.cohorts.set('c1', ['user-1', 'user-2'])
  const { pages, events } = await pull({ cohorts: ['c1'] })
  const again = await pull({ cohorts: ['c1'] }, pages[0]?.cursor)
  expect(again.events.map(({ messageId }) => messageId)).toEqual(events.map(({ messageId }) => messageId))
  expect(vendor.project.requested).toHaveLength(1)
})

it('begins anew when Amplitude has forgotten the request', async () => {
  vendor.project.cohorts.set('c1', ['user-1'])
  const { events, last } = await pull({ cohorts: ['c1'] }, { members: ['user-1'], request: 'request-9' })
  expect([events, last]).toEqual([[], { members: ['user-1'] }])
  expect((await pull({ cohorts: ['c1'] }, last)).events).toEqual([])
})

async function sample(): Promise<CanonicalEvent> {
  const { event } = await import('./events.ts')
  return event()
}
