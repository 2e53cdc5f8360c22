import type { CanonicalEvent, Json } from '@waymark/core'
import { type MemoryContext, memoryContext, type Running, serve } from '@waymark/testkit/plugin'
import { type FakeMixpanel, fakeMixpanel } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { mixpanel } from '../src/index.ts'

let context: MemoryContext
let vendor: FakeMixpanel
let host: Running | undefined
beforeEach(async () => {
  context = memoryContext()
  vendor = await fakeMixpanel({ now: () => context.time })
})
afterEach(async () => {
  await vendor.stop()
  await host?.stop()
})

/** The cohort endpoint, with its source pulled as a host does. */
async function cohorts() {
  const plugin = mixpanel({ receive: false, cohorts: { username: 'mp', password: 'pw' } })
  host = await serve(plugin, context)
  const pages: (readonly CanonicalEvent[])[] = []
  let cursor: Json | undefined
  const stop = new AbortController()
  const pulling = (async () => {
    for await (const page of plugin.sources![0]!.pull(undefined, { ...context, signal: stop.signal })) {
      pages.push(page.events)
      cursor = page.cursor
    }
  })()
  const sync = async (action: string, members: readonly string[], page = 1, pages = 1, session = 's1', password = 'pw') => {
    const parameters = {
      mixpanel_cohort_id: 7,
      mixpanel_cohort_name: 'Power Users',
      mixpanel_session_id: session,
      page_info: { total_pages: pages, page_count: page },
      members: members.map((id) => ({ mixpanel_distinct_id: id, email: `${id}@example.com` })),
    }
    const headers = { authorization: `Basic ${btoa(`mp:${password}`)}` }
    const response = await fetch(`${host!.url}/mixpanel/cohorts`, { method: 'POST', headers, body: JSON.stringify({ action, parameters }) })
    return { status: response.status, body: await response.json() }
  }
  const end = async () => {
    stop.abort()
    await pulling
  }
  return { pages, sync, end, cursor: () => cursor }
}

const who = (events: readonly CanonicalEvent[]) => events.map(({ userId, traits }) => [userId, traits['cohort_power_users']])

it('mixpanel 24: all `members` pages of a session -> atomic replace', async () => {
  const { sync, pages, end } = await cohorts()
  expect(await sync('add_members', ['old', 'a'], 1, 1, 's0')).toEqual({ status: 200, body: { action: 'add_members', status: 'success' } })
  expect(await sync('members', ['c'], 2, 2)).toMatchObject({ status: 200, body: { action: 'members', status: 'success' } })
  expect(pages.map(who)).toEqual([
    [
      ['old', true],
      ['a', true],
    ],
    [],
  ])
  await sync('members', ['a', 'b'], 1, 2)
  expect(who(pages[2]!)).toEqual([
    ['old', null],
    ['a', true],
    ['b', true],
    ['c', true],
  ])
  await sync('remove_members', ['a'], 1, 1, 's2')
  expect(who(pages[3]!)).toEqual([['a', null]])
  await end()
})

it('mixpanel 25: cohort bad auth -> 401 (pauses)', async () => {
  const { sync, pages, end } = await cohorts()
  expect(await sync('members', ['a'], 1, 1, 's', 'wrong')).toEqual({
    status: 401,
    body: { action: 'members', status: 'failure', error: { code: 401, message: expect.stringContaining('cohorts') } },
  })
  expect((await sync('nonsense', [])).status).toBe(400)
  expect(pages).toEqual([])
  await end()
})

it.each([
  ['winter', '2022-01-15', '2022-01-15T12:00:00Z', '2022-01-15T17:00:00Z'],
  ['summer', '2022-07-15', '2022-07-15T12:00:00Z', '2022-07-15T16:00:00Z'],
])('mixpanel 26: pre-2023 export -> offset removed, in %s', async (_, day, shown, meant) => {
  vendor.days.set(day, [{ event: 'Old', properties: { time: Date.parse(shown) / 1000, distinct_id: 'u1', $insert_id: 'a' } }])
  context.time = Date.parse(`${day}T23:00:00Z`)
  const serviceAccount = { username: 'svc', secret: 's', projectId: '42' }
  const plugin = mixpanel({ receive: false, serviceAccount, export: { since: day, timezone: 'America/New_York', host: vendor.url } })
  const events: CanonicalEvent[] = []
  for await (const page of plugin.sources![0]!.pull(undefined, context)) events.push(...page.events)
  expect(events.map(({ timestamp }) => new Date(timestamp).toISOString())).toEqual([new Date(meant).toISOString()])
})

it('keeps to 60 exports an hour and 3 a second', async () => {
  const serviceAccount = { username: 'svc', secret: 's', projectId: '42' }
  const plugin = mixpanel({ receive: false, serviceAccount, export: { since: '2025-10-01', host: vendor.url } })
  const times: number[] = []
  for await (const page of plugin.sources![0]!.pull(undefined, context)) {
    while (times.length < vendor.requests.length) times.push(context.time)
    context.time += page.pauseMs ?? 0
  }
  expect(times.length).toBe(94)
  expect(times[60]! - times[0]!).toBeGreaterThanOrEqual(3_600_000)
  for (let index = 3; index < times.length; index += 1) expect(times[index]! - times[index - 3]!).toBeGreaterThanOrEqual(1000)
})

it('deletes 2000 ids as time goes on, and ends at once when the host closes', async () => {
  const { eraser } = mixpanel({ receive: false, eraser: { token: 'TOK', oauthToken: 'oauth', host: vendor.url } })
  const subject = { profile: 'u', userIds: Array.from({ length: 2000 }, (_, index) => `u${index}`), anonymousIds: [] }
  const erasing = eraser!.erase(subject, context)
  await expect.poll(() => context.clock.moveTo(context.time + 1000).then(() => vendor.requests.length)).toBe(2)
  expect(await erasing).toMatchObject({ status: 'requested', reference: { tasks: ['task-1', 'task-2'] } })

  const stop = new AbortController()
  const closing = eraser!.erase(subject, { ...context, signal: stop.signal })
  await expect.poll(() => vendor.requests.length).toBe(3)
  stop.abort()
  expect(await closing).toMatchObject({ status: 'retry' })
})

it('mixpanel 27: delete 2000 ids -> 1999+1, a second apart', async () => {
  const waits: number[] = []
  const clock = {
    now: () => context.time,
    at(time: number, run: () => void) {
      waits.push(time - context.time)
      context.time = time
      run()
      return () => {}
    },
  }
  const { eraser } = mixpanel({ receive: false, eraser: { token: 'TOK', oauthToken: 'oauth', host: vendor.url } })
  const subject = { profile: 'u', userIds: Array.from({ length: 1998 }, (_, index) => `u${index}`), anonymousIds: ['d1'] }
  const receipt = await eraser!.erase(subject, { ...context, clock })
  expect(receipt).toMatchObject({ status: 'requested', reference: { tasks: ['task-1', 'task-2'] } })
  expect(vendor.requests.map(({ json }) => (json as { distinct_ids: string[] }).distinct_ids.length)).toEqual([1999, 1])
  expect(waits).toEqual([1000])
  vendor.deletion = { status: 'SUCCESS', shape: 'tracking_id' }
  expect(await eraser!.erase({ profile: 'u', userIds: ['u'], anonymousIds: [] }, context)).toMatchObject({ reference: { tasks: ['task-3'] } })
  expect(await eraser!.check!({ tasks: ['task-3'] }, context)).toEqual({ status: 'confirmed' })
})
