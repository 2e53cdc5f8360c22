import { gzipSync } from 'node:zlib'
import type { MemoryContext, Running } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import { fakeAmplitude } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AmplitudeOptions } from '../src/index.ts'
import { amplitude } from '../src/index.ts'

let context: MemoryContext
let host: Running
const start = async (options: AmplitudeOptions) => {
  context = memoryContext()
  host = await serve(amplitude(options), context)
}
beforeEach(() => start({ apiKeys: { AK: 'web', MK: 'mobile' } }))
afterEach(() => host.stop())

const wire = (fields: object = {}) => ({
  user_id: 'user-1',
  device_id: 'device-1',
  event_type: 'Signed Up',
  insert_id: 'i1',
  time: context.time - 1000,
  ...fields,
})
async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; headers: Headers; body: any }> {
  const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(host.url + path, { method: 'POST', body: sent as string, headers })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
const send = (events: unknown, more: object = {}) => post('/2/httpapi', { api_key: 'AK', events, ...more })

describe('what comes in', () => {
  it.each(['/2/httpapi', '/batch', '/amplitude/2/httpapi', '/amplitude/batch'])('takes events at %s', async (path) => {
    const answer = await post(path, {
      api_key: 'MK',
      events: [wire({ event_properties: { plan: 'pro' }, session_id: 1700, platform: 'Web', language: 'en-US' })],
    })
    expect(answer).toMatchObject({ status: 200, body: { code: 200, events_ingested: 1, server_upload_time: context.time } })
    expect(context.accepted).toEqual([
      {
        type: 'track',
        event: 'Signed Up',
        messageId: 'i1',
        userId: 'user-1',
        anonymousId: 'device-1',
        timestamp: context.time - 1000,
        receivedAt: context.time,
        properties: { plan: 'pro' },
        traits: {},
        context: { platform: 'Web', locale: 'en-US', sessionId: 1700 },
        integrations: {},
        source: 'mobile',
      },
    ])
  })

  it('amplitude 23: gzip bomb -> 413', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, 32))
    expect(await post('/2/httpapi', bomb, { 'content-encoding': 'gzip' })).toMatchObject({
      status: 413,
      body: { code: 413, error: expect.stringMatching(/^Payload too large/) },
    })
    const small = gzipSync(JSON.stringify({ api_key: 'AK', events: [wire()] }))
    expect(await post('/2/httpapi', small, { 'content-encoding': 'gzip' })).toMatchObject({ status: 200 })
    expect(context.accepted).toHaveLength(1)
  })

  it('amplitude 24: text/plain beacon -> 200', async () => {
    expect(await post('/2/httpapi', { api_key: 'AK', events: [wire()] }, { 'content-type': 'text/plain;charset=UTF-8' })).toMatchObject({
      status: 200,
      body: { code: 200 },
    })
    expect(context.accepted).toHaveLength(1)
  })

  it('amplitude 27: server reply always has code', async () => {
    const asked: [string, unknown, Record<string, string>?][] = [
      ['/2/httpapi', ''],
      ['/2/httpapi', '{'],
      ['/2/httpapi', { events: [] }],
      ['/2/httpapi', { api_key: 'WRONG', events: [] }],
      ['/2/httpapi', { api_key: 'AK' }],
      ['/2/httpapi', { api_key: 'AK', events: [7] }],
      ['/2/httpapi', { api_key: 'AK', events: Array.from({ length: 2001 }, () => wire()) }],
      ['/2/httpapi', 'x', { 'content-encoding': 'br' }],
      ['/identify', 'api_key=AK&identification=nonsense'],
      ['/groupidentify', ''],
      ['/batch', { api_key: 'AK', events: [wire()] }],
    ]
    for (const [path, body, headers] of asked) {
      const answer = await post(path, body, headers)
      expect(answer.body.code, path).toBe(answer.status)
    }
    context.full = true
    expect(await send([wire({ insert_id: 'i2' })])).toMatchObject({ status: 503, body: { code: 503 } })
    expect((await (await fetch(`${host.url}/config/AK?config_group=browser`)).json()) as unknown).toEqual({ code: 200, configs: {} })
  })

  it('names the events at fault as Amplitude does, and takes the others', async () => {
    const answer = await send([
      wire({ time: '2026-01-01T00:00:00Z' }),
      wire(),
      { event_type: 'x' },
      wire({ event_type: undefined }),
      wire({ insert_id: 'j', event_properties: [] }),
    ])
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 400,
        error: expect.stringMatching(/^Invalid field values on some events/),
        events_with_invalid_fields: { time: [0], event_properties: [4] },
        events_with_missing_fields: { user_id: [2], event_type: [3] },
      },
    })
    expect([context.accepted.length, context.kept.length]).toEqual([1, 4])
    expect(await send([{ event_type: 'x', user_id: 'ab' }], { options: { min_id_length: 3 } })).toMatchObject({
      status: 400,
      body: { events_with_invalid_id_lengths: { user_id: [0] } },
    })
  })

  it('answers a wrong key and a missing one in the words SDKs look for', async () => {
    expect((await post('/2/httpapi', { api_key: 'WRONG', events: [wire()] })).body.error).toMatch(/^Invalid API key/)
    expect((await post('/2/httpapi', { events: [wire()] })).body).toMatchObject({ missing_field: 'api_key' })
    expect(context.accepted).toEqual([])
  })

  it('leaves out an id that stands for nobody, and keeps the event under the other', async () => {
    await send([wire({ device_id: 'lmy47d' }), wire({ insert_id: 'i2', user_id: 'unknown' })])
    expect(context.accepted.map(({ userId, anonymousId }) => [userId, anonymousId])).toEqual([
      ['user-1', undefined],
      [undefined, 'device-1'],
    ])
  })

  it('knows what comes twice, also without an insert_id', async () => {
    const event = wire({ insert_id: undefined })
    for (const _ of [1, 2]) expect(await send([event, wire()])).toMatchObject({ status: 200 })
    expect(context.accepted).toHaveLength(2)
  })

  it('corrects times by more than a minute only, and takes none from the future', async () => {
    const uploaded = (ago: number) => new Date(context.time - ago).toISOString()
    await send([wire({ insert_id: 'a', time: context.time - 3_600_000 })], { client_upload_time: uploaded(3_600_000) })
    await send([wire({ insert_id: 'b', time: context.time - 40_000 })], { client_upload_time: uploaded(30_000) })
    await send([wire({ insert_id: 'c', time: context.time + 9_999_999 })])
    expect(context.accepted.map(({ timestamp }) => context.time - timestamp)).toEqual([0, 40_000, 0])
  })

  it("`$remote` is nobody's word but that of the proxy it is told to trust", async () => {
    const proxied = { 'x-forwarded-for': '6.6.6.6, 1.2.3.4' }
    await post('/2/httpapi', { api_key: 'AK', events: [wire({ ip: '$remote' })] }, proxied)
    expect(context.accepted[0]?.context).not.toHaveProperty('ip')
    await host.stop()
    await start({ addressHeader: 'x-forwarded-for' })
    await post('/2/httpapi', { api_key: 'AK', events: [wire({ ip: '$remote' })] }, proxied)
    expect(context.accepted[0]?.context['ip']).toBe('1.2.3.4')
  })

  it('reads what is said of users and groups', async () => {
    await send([
      wire({ insert_id: 'a', event_type: '$identify', user_properties: { $set: { plan: 'pro' }, $unset: { old: '-' }, $add: { n: 1 } } }),
      wire({ insert_id: 'b', event_type: '$identify', groups: { company: ['a', 'b'] }, user_properties: { $set: { company: ['a', 'b'] } } }),
      { insert_id: 'c', event_type: '$groupidentify', groups: { group: 'acme' }, group_properties: { $set: { size: 9 } } },
      wire({ insert_id: 'd', user_properties: { seen: true }, groups: { group: 'acme' } }),
    ])
    expect(context.accepted).toMatchObject([
      { type: 'identify', messageId: 'a', traits: { plan: 'pro', old: null }, context: { amplitude: { operations: { $add: { n: 1 } } } } },
      { type: 'group', messageId: 'b', groupId: 'a', context: { groupType: 'company' } },
      { type: 'group', messageId: 'b:1', groupId: 'b' },
      { type: 'group', messageId: 'c', groupId: 'acme', traits: { size: 9 } },
      { type: 'track', messageId: 'd', groupId: 'acme' },
      { type: 'identify', messageId: 'd:1', traits: { seen: true } },
    ])
  })

  it("marks what Amplitude's SDK tells by itself", async () => {
    await send([
      wire({ insert_id: 'a', event_type: 'session_start' }),
      wire({ insert_id: 'b', event_type: '[Amplitude] Page Viewed', event_properties: { '[Amplitude] Page Title': 'Home', '[Amplitude] Page Path': '/' } }),
      wire({ insert_id: 'c', event_type: '[Amplitude] Element Clicked' }),
      wire({ insert_id: 'd', event_type: '[Amplitude] Screen Viewed', event_properties: { '[Amplitude] Screen Name': 'Main' } }),
    ])
    expect(context.accepted).toMatchObject([
      { type: 'track', event: 'session_start', context: { auto: true } },
      { type: 'page', name: 'Home', properties: { path: '/' }, context: { auto: true } },
      { type: 'track', event: '[Amplitude] Element Clicked', context: { auto: true } },
      { type: 'screen', name: 'Main', context: { auto: true } },
    ])
  })

  it.each(['/identify', '/groupidentify', '/amplitude/identify'])('takes forms at %s', async (path) => {
    const identification = path.includes('group')
      ? { group_type: 'group', group_value: 'acme', group_properties: { size: 9 } }
      : [{ user_id: 'user-1', user_properties: { size: 9 } }]
    const form = new URLSearchParams({ api_key: 'AK', identification: JSON.stringify(identification) })
    expect(await post(path, form.toString(), { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({ status: 200, body: { code: 200 } })
    expect(context.accepted).toMatchObject([{ type: path.includes('group') ? 'group' : 'identify', traits: { size: 9 }, source: 'web' }])
  })

  it('takes /identify by GET, and none whose address is too long', async () => {
    const ask = async (size: number) => {
      const identification = JSON.stringify({ user_id: 'user-1', user_properties: { plan: 'x'.repeat(size) } })
      const response = await fetch(`${host.url}/identify?${new URLSearchParams({ api_key: 'AK', identification })}`)
      return [response.status, ((await response.json()) as { code: number }).code]
    }
    expect(await ask(3)).toEqual([200, 200])
    expect(context.accepted).toMatchObject([{ type: 'identify', userId: 'user-1', traits: { plan: 'xxx' } }])
    expect(await ask(8192)).toEqual([414, 414])
    expect(await (await fetch(`${host.url}/identify`)).json()).toMatchObject({ code: 400, error: 'missing_event' })
  })

  it.each(['/2/httpapi', '/batch', '/identify', '/amplitude/2/httpapi'])('answers browsers that ask first: %s', async (path) => {
    const response = await fetch(host.url + path, { method: 'OPTIONS' })
    expect([response.status, response.headers.get('access-control-allow-origin'), response.headers.get('access-control-allow-headers')]).toEqual([
      204,
      '*',
      'content-type, content-encoding',
    ])
  })
})

describe('mirror', () => {
  it('passes the very bytes on once they are kept, and is not delivered a second time by the sink', async () => {
    const vendor = await fakeAmplitude()
    await host.stop()
    await start({ apiKeys: { AK: 'web' }, mirror: { to: vendor.url } })
    expect(await send([wire()])).toMatchObject({ status: 200 })
    expect(vendor.requests).toMatchObject([{ path: '/2/httpapi', json: { api_key: 'AK', events: [{ insert_id: 'i1' }] } }])
    expect(context.accepted).toMatchObject([{ source: 'amplitude:web' }])
    vendor.throttled.add('user-1')
    expect(await send([wire({ insert_id: 'i2' })])).toMatchObject({ status: 429, body: { code: 429, throttled_events: [0] } })
    await vendor.stop()
    expect(await send([wire({ insert_id: 'i3' })])).toMatchObject({ status: 503, body: { code: 503 } })
    expect(context.accepted).toHaveLength(3)
  })
})
