import { gzipSync } from 'node:zlib'
import { type MemoryContext, memoryContext, type Running, serve } from '@waymark/testkit/plugin'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { mixpanel } from '../src/index.ts'

let context: MemoryContext
let host: Running
beforeEach(async () => {
  context = memoryContext()
  host = await serve(mixpanel({ tokens: ['TOK'], cohorts: { username: 'mp', password: 'pw' } }), context)
})
afterEach(() => host.stop())

const NAMES = [
  'event',
  'properties',
  'token',
  '$token',
  '$distinct_id',
  '$group_id',
  '$group_key',
  '$set',
  '$set_once',
  '$unset',
  '$add',
  '$delete',
  '$time',
  '$ip',
] as const
const PROPERTIES = [
  'token',
  'time',
  'distinct_id',
  '$insert_id',
  '$user_id',
  '$device_id',
  'company',
  '$identified_id',
  '$anon_id',
  '$distinct_ids',
  'alias',
  'ip',
] as const
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom('$device:', '$device:x', '__proto__', '\u0000', 1e308, -1, '1e999', '9'.repeat(400), ['a'], [null, {}], { __proto__: null, constructor: 1 }),
)
const some = (names: readonly string[]) => fc.record(Object.fromEntries(names.map((name) => [name, odd])), { requiredKeys: [] })
const known = fc.constantFrom('Signed Up', 'constructor', '__proto__', '$identify', '$create_alias', '$merge', '$mp_web_page_view')
/** A row with everything about it right or odd, and a token that lets it in. */
const row = fc.oneof(
  odd,
  fc.tuple(known, some(PROPERTIES)).map(([event, properties]) => ({ event, properties: { ...properties, token: 'TOK' } })),
  some(NAMES).map((fields) => ({ ...fields, $token: 'TOK' })),
)
const rows = fc.oneof(fc.array(row, { maxLength: 5 }), row)
const body = fc.oneof(
  rows.map((value) => JSON.stringify(value)),
  rows.map((value) => `data=${Buffer.from(JSON.stringify(value)).toString('base64')}&verbose=1`),
  rows.map((value) => `verbose=1&data=${encodeURIComponent(JSON.stringify(value))}`),
  rows.map((value) => gzipSync(JSON.stringify(value))),
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: 'binary' }).map((text) => `data=${text}`),
)
const headers = fc.record(
  {
    'content-encoding': fc.constantFrom('gzip', 'deflate', 'br', ''),
    'content-type': fc.constantFrom('text/plain', 'application/json', 'application/x-www-form-urlencoded', ';;'),
    authorization: fc.constantFrom('Basic VE9LOg==', 'Basic !!', `Basic ${btoa('mp:pw')}`, 'Bearer x'),
    origin: fc.constantFrom('null', 'https://a.example'),
  },
  { requiredKeys: [] },
)
const path = fc.constantFrom(
  '/track',
  '/track?verbose=1',
  '/track?img=1',
  '/engage',
  '/groups?verbose=1',
  '/import',
  '/import?strict=1',
  '/record',
  '/decide',
  '/flags',
)

it('answers whatever comes, as Mixpanel does and never with an error of its own', async () => {
  await fc.assert(
    fc.asyncProperty(path, body, headers, async (to, sent, having) => {
      const response = await fetch(host.url + to, { method: 'POST', body: sent as string, headers: having as Record<string, string> })
      const text = await response.text()
      expect(response.status, text).toBeLessThan(500)
      if (!to.startsWith('/import')) expect([200, 413]).toContain(response.status)
      if (to === '/engage' || to === '/track') expect(text).toMatch(/^[01]$|^{"status":[01],/)
      if (to.includes('strict')) expect(JSON.parse(text)).toMatchObject({ code: response.status, status: expect.any(String) })
    }),
    { numRuns: 400 },
  )
})

it('answers whatever comes by GET', async () => {
  await fc.assert(
    fc.asyncProperty(
      path,
      fc.oneof(
        fc.string({ unit: 'binary' }),
        rows.map((value) => btoa(encodeURIComponent(JSON.stringify(value)))),
      ),
      async (to, data) => {
        const response = await fetch(`${host.url}${to}${to.includes('?') ? '&' : '?'}data=${encodeURIComponent(data.toWellFormed())}`)
        expect(response.status, await response.text()).toBeLessThan(500)
      },
    ),
    { numRuns: 200 },
  )
})

it('answers whatever a cohort sync may be that is none', async () => {
  const authorization = `Basic ${btoa('mp:pw')}`
  const sync = fc.oneof(
    odd,
    fc.record({ action: fc.oneof(odd, fc.constant('members')), parameters: fc.oneof(odd, some(['mixpanel_cohort_id', 'page_info', 'mixpanel_cohort_name'])) }),
  )
  await fc.assert(
    fc.asyncProperty(sync, async (value) => {
      const response = await fetch(`${host.url}/mixpanel/cohorts`, { method: 'POST', body: JSON.stringify(value), headers: { authorization } })
      expect([response.status, await response.json()]).toMatchObject([400, { status: 'failure', error: { code: 400 } }])
    }),
    { numRuns: 200 },
  )
})
