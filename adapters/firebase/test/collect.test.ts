import type { MemoryContext, Running } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import type { FakeFirebase } from '@waymark/testkit/vendors'
import { fakeFirebase } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FirebaseOptions } from '../src/index.ts'
import { firebase } from '../src/index.ts'
import { APP, event, INSTANCE, NOW, WEB } from './events.ts'

let context: MemoryContext
let google: FakeFirebase
let host: Running
beforeEach(async () => {
  context = memoryContext()
  google = await fakeFirebase()
  await start({ streams: { [APP]: { name: 'android', apiSecret: ['old', 'new'] }, [WEB]: { name: 'web', apiSecret: 'w' } } })
})
afterEach(async () => {
  await host.stop()
  await google.stop()
})

async function start(options: FirebaseOptions) {
  await host?.stop()
  const plugin = firebase(options)
  await plugin.start?.(context)
  host = await serve(plugin, context)
  return plugin
}

const AS_APP = `firebase_app_id=${encodeURIComponent(APP)}&api_secret=new`
const AS_WEB = `measurement_id=${WEB}&api_secret=w`
const micros = (NOW - 5000) * 1000

async function post(body: unknown, query = AS_APP, path = '/mp/collect') {
  const response = await fetch(`${host.url}${path}?${query}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : (JSON.parse(text) as Record<string, any>) }
}

const request = (fields: object = {}) => ({ app_instance_id: INSTANCE, events: [{ name: 'level_up', params: { level: 3 } }], ...fields })

describe('coming in', () => {
  it('answers 204 once it is on disk, under both paths', async () => {
    expect((await post(request({ user_id: 'u1', timestamp_micros: micros }))).status).toBe(204)
    expect((await post(request({ timestamp_micros: String(micros + 1000) }), AS_APP, '/firebase/mp/collect')).status).toBe(204)
    const [, first, second] = context.accepted
    expect(context.accepted[0]).toMatchObject({ type: 'alias', previousId: INSTANCE, userId: 'u1' })
    expect(first).toMatchObject({
      type: 'track',
      event: 'level_up',
      userId: 'u1',
      anonymousId: INSTANCE,
      timestamp: NOW - 5000,
      properties: { level: 3 },
      context: { firebase: { stream: APP, appInstanceId: INSTANCE } },
      source: 'android',
    })
    expect(second).toMatchObject({ timestamp: NOW - 4999 })
  })

  it('knows a request that is sent again by its times, and two alike in one', async () => {
    const twice = request({ timestamp_micros: micros, events: [{ name: 'coin' }, { name: 'coin' }] })
    await post(twice)
    await post(twice)
    expect(context.accepted).toHaveLength(2)
    await post(request())
    await post(request())
    expect(context.accepted).toHaveLength(4)
  })

  it('reads pages, screens, groups, user properties, consent and device', async () => {
    await post(
      {
        client_id: '12.34',
        user_properties: { plan: { value: 'pro' }, waymark_engagement: { value: 'engaged' } },
        consent: { ad_user_data: 'GRANTED', ad_personalization: 'DENIED' },
        device: { category: 'mobile', language: 'nb' },
        user_location: { country_id: 'NO' },
        events: [
          { name: 'page_view', params: { page_location: 'https://a.example/', page_title: 'A' } },
          { name: 'screen_view', params: { firebase_screen: 'Start' } },
          { name: 'join_group', params: { group_id: 'g1', size: 3 } },
          { name: 'join_group' },
        ],
      },
      AS_WEB,
    )
    expect(context.accepted).toMatchObject([
      { type: 'identify', traits: { plan: 'pro' }, anonymousId: '12.34' },
      { type: 'page', properties: { url: 'https://a.example/', title: 'A' }, source: 'web' },
      { type: 'screen', name: 'Start' },
      { type: 'group', groupId: 'g1', traits: { size: 3 } },
      { type: 'track', event: 'join_group' },
    ])
    expect(context.accepted[0]!.traits).toEqual({ plan: 'pro' })
    expect(context.accepted[1]!.context).toEqual({
      firebase: { stream: WEB, clientId: '12.34' },
      consent: { categoryPreferences: { ad_user_data: true, ad_personalization: false } },
      device: { type: 'mobile' },
      location: { country: 'NO' },
      locale: 'nb',
    })
  })

  it('identifies when user properties change, and not before', async () => {
    const said = (plan: string) => request({ user_properties: { plan: { value: plan } }, events: [] })
    for (const plan of ['free', 'free', 'pro', 'free']) await post(said(plan))
    expect(context.accepted.map(({ traits }) => traits['plan'])).toEqual(['free', 'pro', 'free'])
  })

  it.each([
    ['no stream', 'api_secret=new', request(), 400, 'no_stream'],
    ['another stream', `firebase_app_id=${encodeURIComponent('1:9')}&api_secret=new`, request(), 401, 'unknown_stream'],
    ['another secret', `measurement_id=${WEB}&api_secret=new`, request(), 401, 'unknown_stream'],
    ['no JSON', AS_APP, 'no', 400, 'malformed_json'],
    ['130 kB', AS_APP, request({ events: [{ name: 'x', params: { text: 'x'.repeat(130_000) } }] }), 413, 'too_large'],
  ])('refuses %s', async (_, query, body, status, code) => {
    expect(await post(body, query)).toMatchObject({ status, body: { code } })
    expect(context.accepted).toEqual([])
  })

  it('keeps aside what it cannot read, and takes the rest', async () => {
    const events = [{ params: {} }, { name: 'fine' }, { name: 'odd', params: 7 }, ...Array.from({ length: 23 }, () => ({ name: 'more' }))]
    expect((await post(request({ events }))).status).toBe(204)
    expect(context.accepted).toHaveLength(23)
    expect(context.kept.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('name'),
      expect.stringContaining('params'),
      expect.stringContaining('25 events'),
    ])
    await post({ events: [{ name: 'of_nobody' }] })
    expect(context.kept).toHaveLength(4)
  })

  it('lets any stream in where none is named, and says so', async () => {
    await start({})
    expect(context.warnings).toEqual([expect.stringContaining('any stream')])
    await post(request(), `firebase_app_id=${encodeURIComponent(APP)}`)
    expect(context.accepted).toMatchObject([{ source: APP }])
  })

  it('renames and leaves out as the mapping says', async () => {
    await start({ mapping: { incoming: { level_up: 'levelled_up', heartbeat: false } } })
    await post(request({ events: [{ name: 'level_up' }, { name: 'heartbeat' }] }))
    expect(context.accepted.map(({ event }) => event)).toEqual(['levelled_up'])
  })
})

describe('/debug/mp/collect', () => {
  const messages = async (body: unknown, query = AS_APP) =>
    ((await post(body, query, '/debug/mp/collect')).body!['validationMessages'] as { fieldPath: string; validationCode: string }[]).map(
      ({ fieldPath, validationCode }) => [fieldPath, validationCode],
    )

  it('finds what Google would, and takes nothing in', async () => {
    expect(await messages(request())).toEqual([])
    expect(await messages(7)).toEqual([['', 'VALUE_INVALID']])
    expect(await messages(request(), AS_WEB)).toEqual([['client_id', 'VALUE_REQUIRED']])
    expect(await messages({ app_instance_id: 'a' })).toEqual([['events', 'VALUE_REQUIRED']])
    expect(
      await messages(
        request({
          user_id: 'u'.repeat(257),
          user_properties: { user_id: { value: 1 }, plan: { value: 'x'.repeat(37) }, empty: {} },
          events: [{ name: 'first_open' }, { name: '2fa' }, {}, { name: 'ok', params: { ga_x: 1, text: 'x'.repeat(101), page_title: 'x'.repeat(300) } }],
        }),
      ),
    ).toEqual([
      ['user_id', 'VALUE_OUT_OF_BOUNDS'],
      ['user_properties.user_id', 'NAME_RESERVED'],
      ['user_properties.plan', 'VALUE_OUT_OF_BOUNDS'],
      ['user_properties.empty', 'VALUE_REQUIRED'],
      ['events[0].name', 'NAME_RESERVED'],
      ['events[1].name', 'NAME_INVALID'],
      ['events[2].name', 'VALUE_REQUIRED'],
      ['events[3].params.ga_x', 'NAME_RESERVED'],
      ['events[3].params.text', 'VALUE_OUT_OF_BOUNDS'],
    ])
    expect(await messages(request({ events: Array.from({ length: 26 }, () => ({ name: 'x' })) }))).toEqual([['events', 'EXCEEDED_MAX_ENTITIES']])
    expect(context.accepted).toEqual([])
  })
})

describe('mirror and echo', () => {
  const sink = () => ({ streams: { [APP]: 'secret' }, host: google.url })

  it('passes the request on as it came, and asks the sender to come back only for what is known again', async () => {
    await start({ mirror: { to: google.url } })
    const body = JSON.stringify(request({ timestamp_micros: micros }))
    expect((await post(body)).status).toBe(204)
    expect(google.requests[0]).toMatchObject({ method: 'POST', path: '/mp/collect', text: body })
    expect(google.requests[0]!.query.get('api_secret')).toBe('new')
    google.next({ kind: 'answer', status: 503 })
    expect((await post(request({ timestamp_micros: micros + 1000 }))).status).toBe(503)
    google.next({ kind: 'answer', status: 503 })
    expect((await post(request())).status).toBe(204)
    expect(context.accepted).toHaveLength(3)
  })

  it('does not send what the mirror has brought there', async () => {
    const plugin = await start({ mirror: { to: google.url }, sink: sink() })
    await post(request({ timestamp_micros: micros }))
    expect(await plugin.sink!.deliver(context.accepted, context)).toEqual([{ status: 'delivered' }])
    expect(google.requests).toHaveLength(1)
  })

  it('does not take in again what its own sink has sent, but what that of another has', async () => {
    const plugin = await start({ sink: sink() })
    await plugin.sink!.deliver([event({ event: 'gone_out' }), event({ type: 'identify', traits: { plan: 'pro' } })], context)
    for (const { text } of google.requests) await post(text, `firebase_app_id=${encodeURIComponent(APP)}`)
    expect(context.accepted.map(({ type }) => type)).toEqual(['alias', 'identify'])
    await start({})
    for (const { text } of google.requests) await post(text, `firebase_app_id=${encodeURIComponent(APP)}`)
    expect(context.accepted.slice(2)).toMatchObject([{ event: 'gone_out', context: { waymark: { through: [expect.stringMatching(/^[0-9a-f]{16}$/)] } } }])
  })
})
