import { gzipSync } from 'node:zlib'
import { type MemoryContext, memoryContext, type Running, serve } from '@waymark/testkit/plugin'
import { fakeMixpanel } from '@waymark/testkit/vendors'
import Mixpanel from 'mixpanel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mixpanel } from '../src/index.ts'

let context: MemoryContext
let host: Running
beforeEach(async () => {
  context = memoryContext()
  host = await serve(mixpanel({ tokens: { TOK: 'web' } }), context)
})
afterEach(() => host.stop())

const row = (properties: object = {}, event = 'Signed Up') => ({
  event,
  properties: { token: 'TOK', distinct_id: 'u1', time: 1_767_000_000, $insert_id: 'a1', ...properties },
})
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const post = async (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
  const response = await fetch(host.url + path, { method: 'POST', body: body as string, headers })
  return { status: response.status, text: await response.text(), headers: response.headers }
}
const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('what SDKs send', () => {
  it('mixpanel 12: GET ?data= (node) -> parsed', async () => {
    const sdk = Mixpanel.init('TOK', { protocol: 'http', host: new URL(host.url).host })
    const error = await new Promise((done) => sdk.track('Signed Up', { distinct_id: 'u1', plan: 'pro', time: new Date(context.time - 5000) }, done))
    expect(error).toBeUndefined()
    expect(context.accepted).toMatchObject([
      {
        type: 'track',
        event: 'Signed Up',
        userId: 'u1',
        properties: { plan: 'pro' },
        source: 'web',
        timestamp: context.time - 5000,
        context: { library: { name: 'node' } },
      },
    ])
  })

  it('mixpanel 13: raw "+" in form base64 -> parsed', async () => {
    const data = base64([row({ text: '>>>???>>>~~~' }), row({ text: 'û~>', $insert_id: 'a2' })])
    expect(data).toContain('+')
    expect((await post('/track', `data=${data}`, form)).text).toBe('1')
    expect(context.accepted.map(({ properties }) => properties)).toEqual([{ text: '>>>???>>>~~~' }, { text: 'û~>' }])
  })

  it('mixpanel 14: browser 😀 -> intact, as CESU-8 and as UTF-8', async () => {
    const json = Buffer.from(JSON.stringify([row({ text: 'SMILE' })]))
    const cesu = Buffer.from(json.toString('latin1').replace('SMILE', '\xed\xa0\xbd\xed\xb8\x80 é'.replace('é', '\xc3\xa9')), 'latin1')
    await post('/track/?verbose=1&ip=1', `data=${encodeURIComponent(cesu.toString('base64'))}`, form)
    await post('/track', `data=${base64([row({ text: '😀 é', $insert_id: 'a2' })])}`, form)
    expect(context.accepted.map(({ properties }) => properties['text'])).toEqual(['😀 é', '😀 é'])
  })

  it('mixpanel 15: data=[{..}] plain JSON -> parsed', async () => {
    expect((await post('/track', new URLSearchParams({ data: JSON.stringify([row({ text: 'a+b &c' })]) }).toString(), form)).text).toBe('1')
    expect(context.accepted[0]?.properties).toEqual({ text: 'a+b &c' })
  })

  it('mixpanel 16: text/plain beacon -> parsed', async () => {
    expect((await post('/track/?verbose=1', `data=${encodeURIComponent(base64([row()]))}`, { 'content-type': 'text/plain' })).text).toBe(
      '{"status":1,"error":null}',
    )
    expect(context.accepted).toHaveLength(1)
  })

  it('mixpanel 17: gzip JSON -> parsed, and lines of JSON', async () => {
    await post('/track', gzipSync(JSON.stringify([row()])), { 'content-encoding': 'gzip' })
    await post('/import', [row({ $insert_id: 'b' }), row({ $insert_id: 'c' })].map((one) => JSON.stringify(one)).join('\n'))
    expect(context.accepted).toHaveLength(3)
  })

  it('mixpanel 18: verbose in form body -> JSON reply', async () => {
    expect((await post('/track', `data=${base64([row()])}&verbose=1&ip=0`, form)).text).toBe('{"status":1,"error":null}')
  })

  it('mixpanel 19: /track// -> 200', async () => {
    for (const path of ['/track//', '//track/', '/mixpanel/track/']) expect((await post(path, JSON.stringify([row()]))).status).toBe(200)
  })

  it('mixpanel 20: XHR -> Origin echoed, credentials', async () => {
    const { headers } = await post('/track', JSON.stringify([row()]), { origin: 'https://app.example.com' })
    expect([headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]).toEqual(['https://app.example.com', 'true'])
    const asked = await fetch(`${host.url}/flags/`, { method: 'OPTIONS', headers: { origin: 'https://app.example.com' } })
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([204, 'authorization, content-type, traceparent'])
  })

  it('mixpanel 21: float-seconds time -> correct ms', async () => {
    await post('/track', JSON.stringify([row({ time: 1767000000.465 }), row({ time: 1767000000465, $insert_id: 'a2' })]))
    expect(context.accepted.map(({ timestamp }) => timestamp)).toEqual([1767000000465, 1767000000465])
  })

  it('mixpanel 22: same dedupe key twice -> one event; another time is another event', async () => {
    await post('/track', JSON.stringify([row(), row()]))
    await post('/track', JSON.stringify([row(), row({ time: 1_767_000_001 })]))
    expect(context.accepted).toHaveLength(2)
  })

  it('mixpanel 23: $identify before older events -> handed on in the order of time', async () => {
    const device = { distinct_id: '$device:d1', $device_id: 'd1' }
    await post(
      '/track',
      JSON.stringify([
        row({ $user_id: 'u1', ...device, distinct_id: 'u1', time: 1_767_000_009 }, '$identify'),
        row({ ...device, time: 1_767_000_001, $insert_id: 'x' }),
      ]),
    )
    expect(context.accepted).toMatchObject([
      { type: 'track', anonymousId: 'd1' },
      { type: 'identify', userId: 'u1', anonymousId: 'd1' },
    ])
    expect(context.accepted[0]?.userId).toBeUndefined()
  })
})

describe('answers', () => {
  it('tells a strict import which events it did not take, and takes the others', async () => {
    const bad = { event: '', properties: { token: 'TOK', distinct_id: 'u1' } }
    const { status, text } = await post('/import?strict=1', JSON.stringify([row(), bad]))
    expect([status, JSON.parse(text)]).toMatchObject([
      400,
      { code: 400, num_records_imported: 1, failed_records: [{ index: 1, field: 'event' }], status: 'Bad Request' },
    ])
    expect((await post('/import?strict=1', JSON.stringify([row({ $insert_id: 'n' })]))).text).toBe('{"code":200,"num_records_imported":1,"status":"OK"}')
    expect(context.kept).toHaveLength(1)
  })

  it('refuses a token it does not know, in the shape that was asked for', async () => {
    const wrong = JSON.stringify([row({ token: 'WRONG' })])
    for (const path of ['/track', '/engage', '/groups']) {
      expect(await post(path, wrong)).toMatchObject({ status: 200, text: '0' })
      const verbose = await post(`${path}?verbose=1`, wrong)
      expect([verbose.status, JSON.parse(verbose.text)]).toEqual([200, { status: 0, error: expect.stringContaining('tokens') }])
    }
    expect(await post('/import', wrong)).toMatchObject({ status: 401, text: '0' })
    const strict = await post('/import?strict=1', wrong)
    expect([strict.status, JSON.parse(strict.text)]).toMatchObject([401, { code: 401, status: 'Unauthorized' }])
    expect(context.accepted).toEqual([])
  })

  it('says 200 and 0 to what it cannot read', async () => {
    for (const [body, headers] of [
      ['', {}],
      ['data=!!!', form],
      ['{', {}],
      ['[]x', { 'content-encoding': 'br' }],
      ['x', { 'content-encoding': 'gzip' }],
    ] as const) {
      expect(await post('/track', body, { ...headers })).toMatchObject({ status: 200, text: '0' })
    }
    expect((await fetch(`${host.url}/engage`)).status).toBe(200)
  })

  it('has browsers come back when the host is full: they throw away what they are not allowed to see the answer of', async () => {
    context.full = true
    const { status, headers } = await post('/track?verbose=1', JSON.stringify([row()]), { origin: 'https://app.example.com' })
    expect([status, headers.get('retry-after')]).toEqual([503, '1'])
    expect([headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]).toEqual(['https://app.example.com', 'true'])
  })

  it('asks senders to halve what is too much', async () => {
    const rows = Array.from({ length: 2001 }, (_, index) => row({ $insert_id: `i${index}` }))
    expect((await post('/track', JSON.stringify(rows))).status).toBe(413)
  })

  it('answers what browsers ask besides', async () => {
    const answers = await Promise.all(['/decide', '/flags', '/settings'].map(async (path) => (await fetch(host.url + path)).json()))
    expect(answers).toEqual([{}, { flags: {} }, {}])
    expect((await post('/record/', new Uint8Array([1, 2]))).text).toBe('{}')
  })
})

describe('profiles and groups', () => {
  it('reads updates as identify and group, set-once once', async () => {
    const update = (operations: object) => JSON.stringify([{ $token: 'TOK', $distinct_id: 'u1', ...operations }])
    await post('/engage', update({ $set: { $email: 'a@b.c', plan: 'pro' } }))
    await post('/engage', update({ $unset: ['plan'] }))
    await post('/engage', update({ $set_once: { initial_utm_source: 'ad', initial_utm_term: null } }))
    await post('/engage', update({ $set_once: { initial_utm_source: 'other' } }))
    await post('/engage', update({ $add: { logins: 1 } }))
    await post('/groups', JSON.stringify([{ $token: 'TOK', $group_key: 'company', $group_id: 'acme', $set: { seats: 3 } }]))
    expect(context.accepted.map(({ type, traits }) => [type, traits])).toEqual([
      ['identify', { email: 'a@b.c', plan: 'pro' }],
      ['identify', { plan: null }],
      ['identify', { initial_utm_source: 'ad' }],
      ['identify', {}],
      ['group', { seats: 3 }],
    ])
    expect(context.accepted[3]?.context).toEqual({ mixpanel: { profile: { $add: { logins: 1 } } } })
  })
})

it('passes the original on to Mixpanel when it is asked to', async () => {
  const vendor = await fakeMixpanel({ now: () => context.time })
  await host.stop()
  host = await serve(mixpanel({ tokens: ['TOK'], mirror: { to: vendor.url } }), context)
  const body = JSON.stringify([row({ time: context.time / 1000 })])
  expect((await post('/track/?verbose=1', body)).text).toBe('{"status":1,"error":null}')
  expect(vendor.requests.map(({ path, text }) => [path, text])).toEqual([['/track', body]])
  // Named like the plugin, it is not handed on by the sink too: Mixpanel has it already, under another `$insert_id`.
  expect(context.accepted.map(({ source }) => source)).toEqual(['mixpanel:TOK'])
  vendor.next({ kind: 'answer', status: 429, headers: { 'retry-after': '9' } })
  expect((await post('/track', body)).status).toBe(429)
  expect(context.accepted).toHaveLength(1)
  await vendor.stop()
})
