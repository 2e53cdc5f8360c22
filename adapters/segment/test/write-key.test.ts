import { describe, expect, it } from 'vitest'
import { basic, endpoints, track } from './endpoints.ts'

const host = endpoints()

describe('who sends', () => {
  it('segment 1: Basic `wk:` / `wk` / body only -> same source', async () => {
    await host.post('/v1/track', track({ messageId: 'a' }), basic('wk:'))
    await host.post('/v1/track', track({ messageId: 'b' }), basic('wk'))
    await host.post('/v1/track', track({ messageId: 'c', writeKey: 'wk' }), {})
    await host.post('/v1/track', track({ messageId: 'd', writeKey: 'wk' }), { authorization: 'Bearer token' })
    await host.post('/v1/b', { batch: [track({ messageId: 'e', writeKey: 'wk' })] }, {})
    expect(host.context.accepted.map(({ messageId, source }) => messageId + source)).toEqual(['aweb', 'bweb', 'cweb', 'dweb', 'eweb'])
  })

  it.each([
    ['no key', track(), {}, 'no_write_key'],
    ['an unknown key', track(), basic('wrong:'), 'unknown_write_key'],
    ['a key named like a method', track({ writeKey: 'toString' }), {}, 'unknown_write_key'],
    ['a header that is not base64', track(), { authorization: 'Basic %%%' }, 'no_write_key'],
  ])('answers 401 to %s, saying what to change', async (_, body, headers, code) => {
    const answer = await host.post('/v1/track', body, headers)
    expect(answer).toMatchObject({ status: 401, body: { success: false, code, message: expect.stringMatching(/write ?key/i) } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(host.context.accepted).toEqual([])
  })

  it('takes a list of keys, each its own source', async () => {
    await host.restart({ writeKeys: ['wk'] })
    await host.post('/v1/track', track())
    expect((await host.post('/v1/track', track(), basic('0:'))).status).toBe(401)
    expect(host.context.accepted[0]?.source).toBe('wk')
  })

  it('lets any key in where none is named, and warns at the start', async () => {
    await host.restart({})
    expect((await host.post('/v1/track', track(), basic('whatever:'))).status).toBe(200)
    expect(host.context.accepted[0]?.source).toBe('whatever')
    expect(host.context.warnings).toEqual([expect.stringContaining('writeKeys')])
  })
})
