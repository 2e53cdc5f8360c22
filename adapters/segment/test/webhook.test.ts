import { createHmac } from 'node:crypto'
import type { MemoryContext, Running } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SegmentWebhookOptions } from '../src/index.ts'
import { segment } from '../src/index.ts'
import { track } from './endpoints.ts'

let context: MemoryContext
let host: Running
const start = async (options: Partial<SegmentWebhookOptions> = {}) => {
  host = await serve(segment({ receive: false, webhook: { secret: 'shhh', ...options } }), context)
}
beforeEach(async () => {
  context = memoryContext()
  await start()
})
afterEach(() => host.stop())

const sign = (text: string) => createHmac('sha1', 'shhh').update(text).digest('hex')
const send = async (body: string, headers: Record<string, string>, method = 'POST') => {
  const response = await fetch(`${host.url}/segment/webhook`, { method, body, headers })
  return { status: response.status, body: (await response.json()) as Record<string, any> }
}
const signed = (message: unknown, headers: Record<string, string> = {}) => {
  const body = JSON.stringify(message)
  return send(body, { 'x-signature': sign(body), ...headers })
}

/** The signature of the specification: what any implementation has to come to. */
const BODY = '{"type":"track","userId":"u1","event":"Signed Up","properties":{"plan":"pro"}}'
const SIGNATURE = '9baac7fee995db2c09f5e097a10f22480f9b541e'

describe('signature', () => {
  it('segment 20: webhook bad/absent signature -> 401', async () => {
    expect(await send(BODY, {})).toMatchObject({ status: 401, body: { code: 'not_signed', message: expect.stringContaining('X-Signature') } })
    expect(await send(BODY, { 'x-signature': SIGNATURE.replace('9', '8') })).toMatchObject({ status: 401 })
    expect(await send(BODY.replace('pro', 'free'), { 'x-signature': SIGNATURE })).toMatchObject({ status: 401 })
    expect(context.accepted).toEqual([])
    for (const method of ['POST', 'PUT', 'PATCH']) expect(await send(BODY, { 'x-signature': SIGNATURE }, method)).toMatchObject({ status: 200 })
    expect(context.accepted).toMatchObject([{ type: 'track', event: 'Signed Up', userId: 'u1', source: 'segment:webhook' }])
  })

  const batch = [track({ messageId: 'a' }), track({ messageId: 'b' })]
  const ofTheFirst = { 'x-signature': sign(JSON.stringify(batch[0])) }

  it('segment 20: first-item batch signature -> per policy', async () => {
    expect(await send(JSON.stringify(batch), ofTheFirst)).toMatchObject({ status: 401, body: { message: expect.stringContaining('batching') } })
    expect(await signed(batch)).toMatchObject({ status: 200 })
    expect(context.accepted).toHaveLength(2)
    await host.stop()
    await start({ batches: 'first-signed', source: 'unify' })
    expect(await send(JSON.stringify(batch), ofTheFirst)).toMatchObject({ status: 200 })
    expect(context.accepted.slice(2)).toMatchObject([{ source: 'unify' }, { source: 'unify' }])
    expect(await send(JSON.stringify(batch.toReversed()), ofTheFirst)).toMatchObject({ status: 401 })
  })

  it('asks for a header of its own where one is named', async () => {
    await host.stop()
    await start({ header: { name: 'x-own', value: 'secret' } })
    expect(await signed(batch)).toMatchObject({ status: 401, body: { message: expect.stringContaining('x-own') } })
    expect(await signed(batch, { 'x-own': 'secret' })).toMatchObject({ status: 200 })
  })

  it('counts a request that is played back once', async () => {
    for (let time = 0; time < 3; time += 1) await send(BODY, { 'x-signature': SIGNATURE })
    expect(context.accepted).toHaveLength(1)
  })
})

describe('what Segment computes', () => {
  const personas = { computation_class: 'audience', computation_key: 'loyal' }
  const at = '2026-01-02T03:04:05.000Z'

  it('segment 21: Audience Exited -> membership false, once per user', async () => {
    const exited = (messageId: string, externalId: string) => ({
      ...track({ messageId, event: 'Audience Exited', properties: { audience_key: 'loyal', loyal: false } }),
      timestamp: at,
      context: { personas, externalIds: [{ id: externalId, type: 'email' }] },
    })
    await signed([exited('a', 'one@example.com'), exited('b', 'two@example.com'), exited('c', 'three@example.com')])
    expect(context.accepted).toMatchObject([{ type: 'identify', userId: 'u1', traits: { loyal: false } }])
    await signed({ ...exited('d', 'one@example.com'), event: 'Audience Entered', timestamp: '2026-01-02T04:00:00.000Z' })
    expect(context.accepted.slice(1)).toMatchObject([{ type: 'identify', traits: { loyal: true } }])
  })

  it('takes an audience as an identify, and a computed trait, once for each user', async () => {
    const identify = (messageId: string, userId: string) => ({
      type: 'identify',
      messageId,
      userId,
      traits: { loyal: true },
      timestamp: at,
      context: { personas },
    })
    await signed([identify('a', 'u1'), identify('b', 'u1'), identify('c', 'u2')])
    await signed(track({ messageId: 'd', event: 'Trait Computed', properties: { trait_key: 'orders', orders: 7 }, context: { personas } }))
    expect(context.accepted.map(({ type, userId, traits }) => [type, userId, traits])).toEqual([
      ['identify', 'u1', { loyal: true }],
      ['identify', 'u2', { loyal: true }],
      ['identify', 'u1', { orders: 7 }],
    ])
  })
})

describe('deletion', () => {
  const notice = { type: 'delete', userId: 'u1', timestamp: '2026-01-02T03:04:05.000Z' }

  it('segment 22: {"type":"delete"} -> propagated; later events for the id refused', async () => {
    expect(await signed([notice, track(), track({ messageId: 'm2', userId: 'u2' })])).toEqual({ status: 200, body: { success: true } })
    expect(context.erased).toEqual([{ userId: 'u1' }])
    expect(context.accepted.map(({ userId }) => userId)).toEqual(['u2'])
    expect(await signed(notice)).toEqual({ status: 200, body: { success: true } })
    await signed({ type: 'delete', anonymousId: 'web' })
    expect(context.erased.slice(2)).toEqual([{ anonymousId: 'web' }])
    expect(context.kept).toEqual([])
  })

  it('keeps a notice that names nobody', async () => {
    expect(await signed([{ type: 'delete', userId: '' }])).toMatchObject({ status: 200, body: { rejected: [{ index: 0 }] } })
    expect([context.erased, context.kept]).toMatchObject([[], [{ reason: expect.stringContaining('neither userId') }]])
  })

  it('follows no notice of a batch that Segment has signed by another event, unless a header vouches for it', async () => {
    const batch = JSON.stringify([track(), notice])
    const ofTheFirst = { 'x-signature': sign(JSON.stringify(track())), 'x-own': 'secret' }
    await host.stop()
    await start({ batches: 'first-signed' })
    expect(await send(batch, ofTheFirst)).toMatchObject({ status: 200, body: { rejected: [{ index: 1 }] } })
    expect([context.erased, context.kept]).toEqual([[], [{ source: 'segment:webhook', reason: expect.stringMatching(/"u1".*webhook\.header/), raw: notice }]])
    expect(context.warnings).toEqual([expect.stringContaining('could not be followed')])
    await host.stop()
    await start({ batches: 'first-signed', header: { name: 'x-own', value: 'secret' } })
    expect(await send(batch, ofTheFirst)).toEqual({ status: 200, body: { success: true } })
    expect(context.erased).toEqual([{ userId: 'u1' }])
  })
})
