import { gzipSync, deflateSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { segment } from '../src/index.ts'
import { memoryContext, type MemoryContext } from './context.ts'
import { serve, type Running } from './serve.ts'

let context: MemoryContext
let host: Running

beforeEach(async () => {
  context = memoryContext()
  host = await serve(segment({ writeKeys: { wk: 'web', other: 'mobile' } }), context)
})
afterEach(() => host.stop())

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const iso = (time: number) => new Date(time).toISOString()

async function post(path: string, body: unknown, headers: Record<string, string> = basic('wk:')) {
  const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(host.url + path, { method: 'POST', body: sent as string, headers })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, any> }
}
const track = (fields: object = {}) => ({ type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1', ...fields })

describe('who sends', () => {
  it('1. Basic `wk:` / `wk` / body only -> same source', async () => {
    await post('/v1/track', track({ messageId: 'a' }), basic('wk:'))
    await post('/v1/track', track({ messageId: 'b' }), basic('wk'))
    await post('/v1/track', track({ messageId: 'c', writeKey: 'wk' }), {})
    await post('/v1/track', track({ messageId: 'd', writeKey: 'wk' }), { authorization: 'Bearer token' })
    await post('/v1/b', { batch: [track({ messageId: 'e', writeKey: 'wk' })] }, {})
    expect(context.accepted.map(({ messageId, source }) => messageId + source)).toEqual(['aweb', 'bweb', 'cweb', 'dweb', 'eweb'])
  })

  it.each([
    ['no key', track(), {}, 'no_write_key'],
    ['an unknown key', track(), basic('wrong:'), 'unknown_write_key'],
    ['a key named like a method', track({ writeKey: 'toString' }), {}, 'unknown_write_key'],
    ['a header that is not base64', track(), { authorization: 'Basic %%%' }, 'no_write_key'],
  ])('answers 401 to %s, saying what to change', async (_, body, headers, code) => {
    const answer = await post('/v1/track', body, headers)
    expect(answer).toMatchObject({ status: 401, body: { success: false, code, message: expect.stringMatching(/write ?key/i) } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(context.accepted).toEqual([])
  })

  it('takes a list of keys, each its own source', async () => {
    await host.stop()
    host = await serve(segment({ writeKeys: ['wk'] }), context)
    await post('/v1/track', track())
    expect((await post('/v1/track', track(), basic('0:'))).status).toBe(401)
    expect(context.accepted[0]?.source).toBe('wk')
  })

  it('lets any key in where none is named, and warns at the start', async () => {
    await host.stop()
    const plugin = segment()
    await plugin.start?.(context)
    host = await serve(plugin, context)
    expect((await post('/v1/track', track(), basic('whatever:'))).status).toBe(200)
    expect(context.accepted[0]?.source).toBe('whatever')
    expect(context.warnings).toEqual([expect.stringContaining('writeKeys')])
  })
})

describe('what is sent', () => {
  it('2. text/plain body on /v1/t -> parsed', async () => {
    expect(await post('/v1/t', track(), { ...basic('wk:'), 'content-type': 'text/plain' })).toMatchObject({ status: 200, body: { success: true } })
    expect(context.accepted).toMatchObject([{ type: 'track', event: 'Signed Up', userId: 'u1', source: 'web' }])
  })

  it('4. sentAt 10min ahead of receivedAt -> timestamp -10min', async () => {
    const ahead = context.time + 600_000
    await post('/v1/track', track({ timestamp: iso(ahead - 1000), sentAt: iso(ahead) }))
    expect(context.accepted[0]).toMatchObject({ timestamp: context.time - 1000, receivedAt: context.time })
  })

  it('5. batch item lacking sentAt -> uses batch sentAt', async () => {
    const behind = context.time - 3_600_000
    const batch = [track({ timestamp: iso(behind - 5000) }), track({ messageId: 'm2', timestamp: iso(behind), sentAt: iso(behind - 60_000) })]
    await post('/v1/batch', { batch, sentAt: iso(behind) })
    expect(context.accepted.map(({ timestamp }) => timestamp - context.time)).toEqual([-5000, 0])
  })

  it('6. no timestamp -> receivedAt', async () => {
    await post('/v1/track', track({ sentAt: iso(context.time + 600_000) }))
    expect(context.accepted[0]?.timestamp).toBe(context.time)
  })

  it('trusts the timestamp where there is no sentAt, but lets nothing lie in the future', async () => {
    await post('/v1/batch', { batch: [track({ timestamp: iso(context.time - 9000) }), track({ messageId: 'm2', timestamp: iso(context.time + 9000) })] })
    expect(context.accepted.map(({ timestamp }) => timestamp - context.time)).toEqual([-9000, 0])
  })

  it('leaves a time alone that a server has corrected before', async () => {
    const before = context.time - 86_400_000
    await post('/v1/track', track({ timestamp: iso(before), originalTimestamp: iso(before + 70), sentAt: iso(before + 80) }))
    expect(context.accepted[0]?.timestamp).toBe(before)
  })

  it('7. userId:null + anonymousId -> accepted as anonymous', async () => {
    await post('/v1/t', track({ userId: null, anonymousId: 'an1' }))
    expect(context.accepted[0]).toMatchObject({ anonymousId: 'an1' })
    expect(context.accepted[0]).not.toHaveProperty('userId')
  })

  it('8. both ids missing -> item rejected, rest kept', async () => {
    const answer = await post('/v1/batch', { batch: [track(), track({ messageId: 'm2', userId: undefined }), track({ messageId: 'm3' })] })
    expect(answer).toMatchObject({ status: 200, body: { success: true, rejected: [{ index: 1, reason: expect.stringContaining('anonymousId') }] } })
    expect(context.accepted.map(({ messageId }) => messageId)).toEqual(['m1', 'm3'])
    expect(context.kept).toMatchObject([{ source: 'web', reason: expect.stringContaining('anonymousId'), raw: { messageId: 'm2' } }])
  })

  it('answers 400 to a single event without ids, and keeps it with its reason', async () => {
    const answer = await post('/v1/track', { event: 'Signed Up', writeKey: 'wk' })
    expect(answer).toMatchObject({ status: 400, body: { success: false, code: 'invalid_event', message: expect.stringContaining('userId') } })
    expect(context.kept).toMatchObject([{ raw: { event: 'Signed Up' } }])
    expect(context.kept[0]?.raw).not.toHaveProperty('writeKey')
  })

  it('9. same messageId twice -> one event', async () => {
    await post('/v1/track', track())
    expect((await post('/v1/batch', { batch: [track(), track()] })).body).toEqual({ success: true })
    expect(context.accepted).toHaveLength(1)
    await post('/v1/track', track(), basic('other:'))
    expect(context.accepted.map(({ source }) => source)).toEqual(['web', 'mobile'])
  })

  it('10. 33KB event / 501KB batch -> 400', async () => {
    const large = { status: 400, body: { success: false, code: 'too_large', message: expect.stringContaining('500 KB') } }
    expect(await post('/v1/track', track({ properties: { text: 'x'.repeat(33 * 1024) } }))).toMatchObject(large)
    const batch = Array.from({ length: 501 }, (_, index) => track({ messageId: `m${index}`, properties: { text: 'x'.repeat(1000) } }))
    expect(await post('/v1/batch', { batch })).toMatchObject(large)
    expect(await post('/v1/batch', 'x'.repeat(3_000_000))).toMatchObject(large)
    expect(context.accepted).toEqual([])
  })

  it('stops reading a body that does not end', async () => {
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    const answer = fetch(`${host.url}/v1/batch`, { method: 'POST', body: endless, duplex: 'half', headers: basic('wk:') } as RequestInit)
    const status = await answer.then((response) => response.status, () => 'closed')
    expect([400, 'closed']).toContain(status)
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  it('rejects the one large event of a batch and keeps what tells it apart', async () => {
    const answer = await post('/v1/batch', { batch: [track({ properties: { text: 'é'.repeat(17_000) } }), track({ messageId: 'm2' })] })
    expect(answer.body['rejected']).toEqual([{ index: 0, reason: expect.stringMatching(/34\d+ bytes.*32768/) }])
    expect(context.kept[0]?.raw).toEqual({ type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1' })
    expect(context.accepted).toHaveLength(1)
  })

  it('takes 2500 events of a batch and rejects the others', async () => {
    const batch = Array.from({ length: 2502 }, (_, index) => track({ messageId: `m${index}` }))
    const answer = await post('/v1/batch', { batch })
    expect(context.accepted).toHaveLength(2500)
    expect(answer.body['rejected'].map(({ index }: { index: number }) => index)).toEqual([2500, 2501])
  })

  it('does not let a context grow with the number of events', async () => {
    const batch = Array.from({ length: 2500 }, () => ({ type: 'track' }))
    const answer = await post('/v1/batch', { batch, context: { text: 'x'.repeat(30_000) } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'context_too_large' } })
  })

  it.each([
    ['11. malformed JSON -> 400', '{"type":', 'malformed_json'],
    ['nothing at all -> 400', '', 'malformed_json'],
    ['bytes that are no UTF-8 -> 400', new Uint8Array([0x22, 0xff, 0x22]), 'malformed_json'],
    ['a list -> 400', '[]', 'not_an_object'],
    ['null -> 400', 'null', 'not_an_object'],
    ['a batch that is no list -> 400', '{"batch":{}}', 'no_batch'],
    ['a context full of levels -> 400', `{"batch":[],"context":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, 'invalid_context'],
  ])('%s', async (_, body, code) => {
    expect(await post('/v1/batch', body)).toMatchObject({ status: 400, body: { success: false, code, message: expect.any(String) } })
  })

  it('12. alias with userId==previousId -> ignored', async () => {
    expect(await post('/v1/a', { userId: 'u9', previousId: 'u9' })).toMatchObject({ status: 200, body: { success: true } })
    expect([context.accepted, context.kept]).toEqual([[], []])
    await post('/v1/alias', { userId: 'u10', properties: { previousId: 'u9' } })
    expect(context.accepted).toMatchObject([{ type: 'alias', userId: 'u10', previousId: 'u9' }])
    expect(await post('/v1/alias', { userId: 'u10' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('previousId') } })
  })

  it('13. group with only groupId (SDK allows) -> traits, no user', async () => {
    await post('/v1/batch', { batch: [{ type: 'group', groupId: 'acct', traits: { plan: 'pro' }, messageId: 'g' }] })
    expect(context.accepted).toMatchObject([{ type: 'group', groupId: 'acct', traits: { plan: 'pro' } }])
    expect(context.accepted[0]).not.toHaveProperty('userId')
    expect(await post('/v1/group', { userId: 'u1' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('groupId') } })
  })

  it('14. `/v1/track` without body type -> track', async () => {
    await post('/v1/track', { event: 'Signed Up', userId: 'u1' })
    await post('/v1/i', { type: 'track', userId: 'u1', traits: { plan: 'pro' } })
    expect(context.accepted.map(({ type, messageId }) => [type, messageId])).toEqual([['track', 'generated-1'], ['identify', 'generated-2']])
  })

  it('15. unknown type -> item rejected, 200', async () => {
    const answer = await post('/v1/batch', { batch: [{ type: 'shout', userId: 'u1' }, 7, track()] })
    expect(answer).toMatchObject({ status: 200, body: { success: true, rejected: [{ index: 0, reason: expect.stringContaining('"shout"') }, { index: 1 }] } })
    expect(context.accepted).toHaveLength(1)
  })

  it('23. categoryPreferences {} / no consent key -> handed on as they are, for the host to judge', async () => {
    const consent = { categoryPreferences: {} }
    await post('/v1/batch', { batch: [track({ context: { consent } }), track({ messageId: 'm2' })] })
    expect(context.accepted.map((event) => event.context)).toEqual([{ consent }, {}])
  })

  it('merges what a batch says for all into each event, which may say otherwise', async () => {
    const batch = [track({ context: { locale: 'nb' }, integrations: { X: false } }), track({ messageId: 'm2', context: null })]
    await post('/v1/batch', { batch, context: { locale: 'en', timezone: 'Europe/Oslo' }, integrations: { All: false, X: true } })
    expect(context.accepted).toMatchObject([
      { context: { locale: 'nb', timezone: 'Europe/Oslo' }, integrations: { All: false, X: false } },
      { context: { locale: 'en', timezone: 'Europe/Oslo' }, integrations: { All: false, X: true } },
    ])
  })

  it('finds the group in the context and puts a category among the properties', async () => {
    await post('/v1/track', track({ context: { groupId: 'acct' } }))
    await post('/v1/page', { userId: 'u1', name: 'Home', category: 'Docs' })
    expect(context.accepted).toMatchObject([{ groupId: 'acct' }, { type: 'page', name: 'Home', properties: { category: 'Docs' } }])
  })

  it('keeps a messageId of 100 characters and hashes a longer one', async () => {
    await post('/v1/batch', { batch: [track({ messageId: 'x'.repeat(100) }), track({ messageId: 'x'.repeat(101) })] })
    expect(context.accepted.map(({ messageId }) => messageId)).toEqual(['x'.repeat(100), expect.stringMatching(/^[0-9a-f]{64}$/)])
  })

  it.each([
    ['an id that cannot be text', { messageId: { toString: 1, valueOf: 1 } }, /^messageId/],
    ['a name that cannot be text', { event: { toString: 1 } }, /^event/],
    ['no time', { timestamp: 'yesterday' }, /^timestamp: "yesterday"/],
    ['a time beyond all dates', { timestamp: -1e300 }, /^timestamp/],
    ['an id that means nobody', { userId: 'null' }, /^userId/],
  ])('rejects an event with %s and keeps the rest', async (_, fields, reason) => {
    const answer = await post('/v1/batch', { batch: [track({ messageId: 'm0', ...fields }), track()] })
    expect(answer).toMatchObject({ status: 200, body: { rejected: [{ index: 0, reason: expect.stringMatching(reason) }] } })
    expect(context.accepted).toHaveLength(1)
  })

  it('rejects an event that nests without end', async () => {
    const deep = (levels: number) => `{"type":"track","event":"e","userId":"u","messageId":"${levels}","properties":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`
    const answer = await post('/v1/batch', `{"batch":[${deep(31)},${deep(32)},${deep(50_000)}]}`)
    expect(answer.body['rejected']).toEqual([1, 2].map((index) => ({ index, reason: 'it nests deeper than 32 levels' })))
    expect(context.kept[1]?.raw).toEqual({ type: 'track', event: 'e', userId: 'u', messageId: '50000' })
  })

  it("rejects '__proto__'", async () => {
    const answer = await post('/v1/batch', `{"batch":[{"type":"track","event":"e","userId":"u","properties":{"__proto__":{"x":1}}}]}`)
    expect(answer.body['rejected']).toMatchObject([{ reason: expect.stringContaining('__proto__') }])
  })

  it.each(['gzip', 'deflate'])('reads %s', async (encoding) => {
    const packed = (encoding === 'gzip' ? gzipSync : deflateSync)(JSON.stringify(track()))
    expect((await post('/v1/track', packed, { ...basic('wk:'), 'content-encoding': encoding })).status).toBe(200)
    expect(context.accepted).toHaveLength(1)
  })

  it.each([
    ['inflates to too much', gzipSync(Buffer.alloc(50_000_000)), 'gzip', 400, 'too_large'],
    ['is not compressed as it says', Buffer.from('{}'), 'gzip', 400, 'bad_encoding'],
    ['is compressed in a way unknown here', Buffer.from('{}'), 'zstd', 415, 'unknown_encoding'],
  ])('refuses a body that %s', async (_, body, encoding, status, code) => {
    expect(await post('/v1/batch', body, { ...basic('wk:'), 'content-encoding': encoding })).toMatchObject({ status, body: { code } })
  })
})

describe('what the host says', () => {
  it('names what the plan does not know', async () => {
    context.judge = ({ event }) => (event === 'Misspelt' ? 'no such event' : undefined)
    const answer = await post('/v1/batch', { batch: [{ type: 'shout' }, track(), track({ event: 'Misspelt' })] })
    expect(answer).toMatchObject({ status: 200, body: { rejected: [{ index: 0 }, { index: 2, reason: 'no such event' }] } })
    expect(await post('/v1/t', track({ event: 'Misspelt' }))).toMatchObject({ status: 200, body: { rejected: [{ index: 0, reason: 'no such event' }] } })
  })

  it('asks to come back when the host is busy, and keeps nothing of that request', async () => {
    context.full = true
    for (const [path, body] of [['/v1/track', track()], ['/v1/batch', { batch: [track(), { type: 'shout' }] }]] as const) {
      const answer = await post(path, body)
      expect(answer).toMatchObject({ status: 503, body: { success: false, code: 'busy' } })
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after')
    }
    expect(context.kept).toEqual([])
  })

  it('leaves any other failure to the host', async () => {
    context.ingest = async () => {
      throw new Error('disk full')
    }
    expect((await fetch(`${host.url}/v1/track`, { method: 'POST', body: JSON.stringify(track()), headers: basic('wk:') })).status).toBe(500)
  })
})
