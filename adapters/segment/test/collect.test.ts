import { describe, expect, it } from 'vitest'
import { basic, endpoints, iso, track } from './endpoints.ts'

const host = endpoints()

describe('what is sent', () => {
  it('segment 2: text/plain body on /v1/t -> parsed', async () => {
    expect(await host.post('/v1/t', track(), { ...basic('wk:'), 'content-type': 'text/plain' })).toMatchObject({ status: 200, body: { success: true } })
    expect(host.context.accepted).toMatchObject([{ type: 'track', event: 'Signed Up', userId: 'u1', source: 'web' }])
  })

  it('segment 4: sentAt 10min ahead of receivedAt -> timestamp -10min', async () => {
    const ahead = host.context.time + 600_000
    await host.post('/v1/track', track({ timestamp: iso(ahead - 1000), sentAt: iso(ahead) }))
    expect(host.context.accepted[0]).toMatchObject({ timestamp: host.context.time - 1000, receivedAt: host.context.time })
  })

  it('segment 5: batch item lacking sentAt -> uses batch sentAt', async () => {
    const behind = host.context.time - 3_600_000
    const batch = [track({ timestamp: iso(behind - 5000) }), track({ messageId: 'm2', timestamp: iso(behind), sentAt: iso(behind - 60_000) })]
    await host.post('/v1/batch', { batch, sentAt: iso(behind) })
    expect(host.context.accepted.map(({ timestamp }) => timestamp - host.context.time)).toEqual([-5000, 0])
  })

  it('segment 6: no timestamp -> receivedAt', async () => {
    await host.post('/v1/track', track({ sentAt: iso(host.context.time + 600_000) }))
    expect(host.context.accepted[0]?.timestamp).toBe(host.context.time)
  })

  it('trusts the timestamp where there is no sentAt, but lets nothing lie in the future', async () => {
    await host.post('/v1/batch', {
      batch: [track({ timestamp: iso(host.context.time - 9000) }), track({ messageId: 'm2', timestamp: iso(host.context.time + 9000) })],
    })
    expect(host.context.accepted.map(({ timestamp }) => timestamp - host.context.time)).toEqual([-9000, 0])
  })

  it('leaves a time alone that a server has corrected before', async () => {
    const before = host.context.time - 86_400_000
    await host.post('/v1/track', track({ timestamp: iso(before), originalTimestamp: iso(before + 70), sentAt: iso(before + 80) }))
    expect(host.context.accepted[0]?.timestamp).toBe(before)
  })

  it('segment 7: userId:null + anonymousId -> accepted as anonymous', async () => {
    await host.post('/v1/t', track({ userId: null, anonymousId: 'an1' }))
    expect(host.context.accepted[0]).toMatchObject({ anonymousId: 'an1' })
    expect(host.context.accepted[0]).not.toHaveProperty('userId')
  })

  it('segment 8: both ids missing -> item rejected, rest kept', async () => {
    const answer = await host.post('/v1/batch', { batch: [track(), track({ messageId: 'm2', userId: undefined }), track({ messageId: 'm3' })] })
    expect(answer).toMatchObject({ status: 200, body: { success: true, rejected: [{ index: 1, reason: expect.stringContaining('anonymousId') }] } })
    expect(host.context.accepted.map(({ messageId }) => messageId)).toEqual(['m1', 'm3'])
    expect(host.context.kept).toMatchObject([{ source: 'web', reason: expect.stringContaining('anonymousId'), raw: { messageId: 'm2' } }])
  })

  it('answers 400 to a single event without ids, and keeps it with its reason', async () => {
    const answer = await host.post('/v1/track', { event: 'Signed Up', writeKey: 'wk' })
    expect(answer).toMatchObject({ status: 400, body: { success: false, code: 'invalid_event', message: expect.stringContaining('userId') } })
    expect(host.context.kept).toMatchObject([{ raw: { event: 'Signed Up' } }])
    expect(host.context.kept[0]?.raw).not.toHaveProperty('writeKey')
  })

  it('segment 9: same messageId twice -> one event', async () => {
    await host.post('/v1/track', track())
    expect((await host.post('/v1/batch', { batch: [track(), track()] })).body).toEqual({ success: true })
    expect(host.context.accepted).toHaveLength(1)
    await host.post('/v1/track', track(), basic('other:'))
    expect(host.context.accepted.map(({ source }) => source)).toEqual(['web', 'mobile'])
  })

  it('segment 12: alias with userId==previousId -> ignored', async () => {
    expect(await host.post('/v1/a', { userId: 'u9', previousId: 'u9' })).toMatchObject({ status: 200, body: { success: true } })
    expect([host.context.accepted, host.context.kept]).toEqual([[], []])
    await host.post('/v1/alias', { userId: 'u10', properties: { previousId: 'u9' } })
    expect(host.context.accepted).toMatchObject([{ type: 'alias', userId: 'u10', previousId: 'u9' }])
    expect(await host.post('/v1/alias', { userId: 'u10' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('previousId') } })
  })

  it('an id that stands for nobody is left out with a warning, and the event kept under the other', async () => {
    const batch = [track({ messageId: 'x', userId: 'null', anonymousId: 'a1' }), track({ messageId: 'y', userId: 'u1', anonymousId: '0' }), track()]
    expect(await host.post('/v1/batch', { batch })).toMatchObject({ status: 200, body: { success: true } })
    expect(host.context.accepted.map(({ userId, anonymousId }) => [userId, anonymousId]).slice(0, 2)).toEqual([
      [undefined, 'a1'],
      ['u1', undefined],
    ])
    expect(host.context.warnings).toEqual(['ids were left out of events, which are kept under their other id'])
  })

  it('segment 13: group with only groupId (SDK allows) -> traits, no user', async () => {
    await host.post('/v1/batch', { batch: [{ type: 'group', groupId: 'acct', traits: { plan: 'pro' }, messageId: 'g' }] })
    expect(host.context.accepted).toMatchObject([{ type: 'group', groupId: 'acct', traits: { plan: 'pro' } }])
    expect(host.context.accepted[0]).not.toHaveProperty('userId')
    expect(await host.post('/v1/group', { userId: 'u1' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('groupId') } })
  })

  it('segment 14: `/v1/track` without body type -> track', async () => {
    await host.post('/v1/track', { event: 'Signed Up', userId: 'u1' })
    await host.post('/v1/i', { type: 'track', userId: 'u1', traits: { plan: 'pro' } })
    expect(host.context.accepted.map(({ type, messageId }) => [type, messageId])).toEqual([
      ['track', 'generated-1'],
      ['identify', 'generated-2'],
    ])
  })

  it('segment 15: unknown type -> item rejected, 200', async () => {
    const answer = await host.post('/v1/batch', { batch: [{ type: 'shout', userId: 'u1' }, 7, track()] })
    expect(answer).toMatchObject({ status: 200, body: { success: true, rejected: [{ index: 0, reason: expect.stringContaining('"shout"') }, { index: 1 }] } })
    expect(host.context.accepted).toHaveLength(1)
  })

  it('segment 23: categoryPreferences {} -> blocked for mapped sinks; no consent key -> allowed', async () => {
    const silent = { categoryPreferences: {} }
    const batch = [
      track({ context: { consent: silent } }),
      track({ messageId: 'm2' }),
      track({ messageId: 'm3', context: { consent: {} }, integrations: { X: true } }),
      track({ messageId: 'm4', context: { consent: { categoryPreferences: { ads: true } } } }),
    ]
    await host.post('/v1/batch', { batch })
    const denied = { consent: { categoryPreferences: { analytics: false, personalization: false, marketing: false } } }
    expect(host.context.accepted.map((event) => event.context)).toEqual([denied, {}, denied, { consent: { categoryPreferences: { ads: true } } }])
  })

  it('merges what a batch says for all into each event, which may say otherwise', async () => {
    const batch = [track({ context: { locale: 'nb' }, integrations: { X: false } }), track({ messageId: 'm2', context: null })]
    await host.post('/v1/batch', { batch, context: { locale: 'en', timezone: 'Europe/Oslo' }, integrations: { All: false, X: true } })
    expect(host.context.accepted).toMatchObject([
      { context: { locale: 'nb', timezone: 'Europe/Oslo' }, integrations: { All: false, X: false } },
      { context: { locale: 'en', timezone: 'Europe/Oslo' }, integrations: { All: false, X: true } },
    ])
  })

  it('finds the group in the context and puts a category among the properties', async () => {
    await host.post('/v1/track', track({ context: { groupId: 'acct' } }))
    await host.post('/v1/page', { userId: 'u1', name: 'Home', category: 'Docs' })
    expect(host.context.accepted).toMatchObject([{ groupId: 'acct' }, { type: 'page', name: 'Home', properties: { category: 'Docs' } }])
  })

  it('keeps a messageId of 100 characters and hashes a longer one', async () => {
    await host.post('/v1/batch', { batch: [track({ messageId: 'x'.repeat(100) }), track({ messageId: 'x'.repeat(101) })] })
    expect(host.context.accepted.map(({ messageId }) => messageId)).toEqual(['x'.repeat(100), expect.stringMatching(/^[0-9a-f]{64}$/)])
  })

  it.each([
    ['an id that cannot be text', { messageId: { toString: 1, valueOf: 1 } }, /^messageId/],
    ['a name that cannot be text', { event: { toString: 1 } }, /^event/],
    ['no time', { timestamp: 'yesterday' }, /^timestamp: "yesterday"/],
    ['a time beyond all dates', { timestamp: -1e300 }, /^timestamp/],
    ['an id that means nobody', { userId: 'null' }, /^userId/],
  ])('rejects an event with %s and keeps the rest', async (_, fields, reason) => {
    const answer = await host.post('/v1/batch', { batch: [track({ messageId: 'm0', ...fields }), track()] })
    expect(answer).toMatchObject({ status: 200, body: { rejected: [{ index: 0, reason: expect.stringMatching(reason) }] } })
    expect(host.context.accepted).toHaveLength(1)
  })
})

describe('what the host says', () => {
  it('names what the plan does not know', async () => {
    host.context.judge = ({ event }) => (event === 'Misspelt' ? 'no such event' : undefined)
    const answer = await host.post('/v1/batch', { batch: [{ type: 'shout' }, track(), track({ event: 'Misspelt' })] })
    expect(answer).toMatchObject({ status: 200, body: { rejected: [{ index: 0 }, { index: 2, reason: 'no such event' }] } })
    expect(await host.post('/v1/t', track({ event: 'Misspelt' }))).toMatchObject({ status: 200, body: { rejected: [{ index: 0, reason: 'no such event' }] } })
  })

  it('leaves it to the host to ask senders to come back, and keeps nothing of a request the host did not take', async () => {
    host.context.full = true
    for (const [path, body] of [
      ['/v1/track', track()],
      ['/v1/batch', { batch: [track(), { type: 'shout' }] }],
    ] as const) {
      const answer = await fetch(host.url + path, { method: 'POST', body: JSON.stringify(body), headers: basic('wk:') })
      expect([answer.status, await answer.text()]).toEqual([500, 'WaymarkError: too much is waiting'])
    }
    expect(host.context.kept).toEqual([])
  })

  it('leaves any other failure to the host', async () => {
    host.context.ingest = async () => {
      throw new Error('disk full')
    }
    expect((await fetch(`${host.url}/v1/track`, { method: 'POST', body: JSON.stringify(track()), headers: basic('wk:') })).status).toBe(500)
  })
})
