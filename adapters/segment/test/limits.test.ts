import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { basic, endpoints, track } from './endpoints.ts'

const host = endpoints()

describe('limits', () => {
  it('segment 10: 33KB event / 501KB batch -> 400', async () => {
    const large = { status: 400, body: { success: false, code: 'too_large', message: expect.stringContaining('500 KB') } }
    expect(await host.post('/v1/track', track({ properties: { text: 'x'.repeat(33 * 1024) } }))).toMatchObject(large)
    const batch = Array.from({ length: 501 }, (_, index) => track({ messageId: `m${index}`, properties: { text: 'x'.repeat(1000) } }))
    expect(await host.post('/v1/batch', { batch })).toMatchObject(large)
    expect(await host.post('/v1/batch', 'x'.repeat(3_000_000))).toMatchObject(large)
    expect(host.context.accepted).toEqual([])
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
    const status = await answer.then(
      (response) => response.status,
      () => 'closed',
    )
    expect([400, 'closed']).toContain(status)
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  it('rejects the one large event of a batch and keeps what tells it apart', async () => {
    const answer = await host.post('/v1/batch', { batch: [track({ properties: { text: 'é'.repeat(17_000) } }), track({ messageId: 'm2' })] })
    expect(answer.body['rejected']).toEqual([{ index: 0, reason: expect.stringMatching(/34\d+ bytes.*32768/) }])
    expect(host.context.kept[0]?.raw).toEqual({ type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1' })
    expect(host.context.accepted).toHaveLength(1)
  })

  it('takes 2500 events of a batch and rejects the others', async () => {
    const batch = Array.from({ length: 2502 }, (_, index) => track({ messageId: `m${index}` }))
    const answer = await host.post('/v1/batch', { batch })
    expect(host.context.accepted).toHaveLength(2500)
    expect(answer.body['rejected'].map(({ index }: { index: number }) => index)).toEqual([2500, 2501])
  })

  it('does not let a context grow with the number of events', async () => {
    const batch = Array.from({ length: 2500 }, () => ({ type: 'track' }))
    const answer = await host.post('/v1/batch', { batch, context: { text: 'x'.repeat(30_000) } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'context_too_large' } })
  })

  it.each([
    ['segment 11: malformed JSON -> 400', '{"type":', 'malformed_json'],
    ['nothing at all -> 400', '', 'malformed_json'],
    ['bytes that are no UTF-8 -> 400', new Uint8Array([0x22, 0xff, 0x22]), 'malformed_json'],
    ['a list -> 400', '[]', 'not_an_object'],
    ['null -> 400', 'null', 'not_an_object'],
    ['a batch that is no list -> 400', '{"batch":{}}', 'no_batch'],
    ['a context full of levels -> 400', `{"batch":[],"context":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, 'invalid_context'],
  ])('%s', async (_, body, code) => {
    expect(await host.post('/v1/batch', body)).toMatchObject({ status: 400, body: { success: false, code, message: expect.any(String) } })
  })

  it('rejects an event that nests without end', async () => {
    const deep = (levels: number) =>
      `{"type":"track","event":"e","userId":"u","messageId":"${levels}","properties":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`
    const answer = await host.post('/v1/batch', `{"batch":[${deep(31)},${deep(32)},${deep(50_000)}]}`)
    expect(answer.body['rejected']).toEqual([1, 2].map((index) => ({ index, reason: 'it nests deeper than 32 levels' })))
    expect(host.context.kept[1]?.raw).toEqual({ type: 'track', event: 'e', userId: 'u', messageId: '50000' })
  })

  it("rejects '__proto__'", async () => {
    const answer = await host.post('/v1/batch', `{"batch":[{"type":"track","event":"e","userId":"u","properties":{"__proto__":{"x":1}}}]}`)
    expect(answer.body['rejected']).toMatchObject([{ reason: expect.stringContaining('__proto__') }])
  })

  it.each(['gzip', 'deflate'])('reads %s', async (encoding) => {
    const packed = (encoding === 'gzip' ? gzipSync : deflateSync)(JSON.stringify(track()))
    expect((await host.post('/v1/track', packed, { ...basic('wk:'), 'content-encoding': encoding })).status).toBe(200)
    expect(host.context.accepted).toHaveLength(1)
  })

  it.each([
    ['inflates to too much', gzipSync(Buffer.alloc(50_000_000)), 'gzip', 400, 'too_large'],
    ['is not compressed as it says', Buffer.from('{}'), 'gzip', 400, 'bad_encoding'],
    ['is compressed in a way unknown here', Buffer.from('{}'), 'zstd', 415, 'unknown_encoding'],
  ])('refuses a body that %s', async (_, body, encoding, status, code) => {
    expect(await host.post('/v1/batch', body, { ...basic('wk:'), 'content-encoding': encoding })).toMatchObject({ status, body: { code } })
  })
})
