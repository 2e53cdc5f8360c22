import { createHmac } from 'node:crypto'
import { type SegmentOptions, segment } from '@waymark/adapter-segment'
import type { Plugin, WaymarkConfig } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { sampleEvent } from '@waymark/testkit/plugin'
import type { FakeSegment } from '@waymark/testkit/vendors'
import { fakeSegment } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { configWith, world } from '../host/world.ts'

let vendor: FakeSegment
beforeEach(async () => {
  vendor = await fakeSegment()
})
afterEach(() => vendor.stop())

/** A host that takes events as Segment's SDKs send them and hands them on to Segment, and to another sink. */
async function running(options: Partial<SegmentOptions> = {}, more: Partial<WaymarkConfig> = { segments: [], rules: [] }) {
  const { sink, ...plain } = options
  const others: string[] = []
  const other: Plugin = {
    name: 'other',
    purpose: 'analytics',
    sink: {
      async deliver(events) {
        others.push(...events.map(({ messageId }) => messageId))
        return events.map(() => ({ status: 'delivered' }))
      },
    },
  }
  const plugin = segment({
    writeKeys: { wk: 'web' },
    webhook: { secret: 'shhh' },
    privacy: { token: 'TOKEN', host: vendor.url },
    sink: { writeKey: 'WK', host: vendor.url, ...sink },
    ...plain,
  })
  const { host } = await world({ config: configWith(sqlite(':memory:'), [plugin, other], more) })
  return {
    host,
    others,
    async send(...batch: object[]) {
      const events = batch.map((fields) => ({ type: 'track', event: 'signed_up', userId: 'u1', ...fields }))
      const request = new Request('http://host/v1/batch', { method: 'POST', body: JSON.stringify({ writeKey: 'wk', batch: events }) })
      const answer = await host.fetch(request)
      expect([answer.status, await answer.json()]).toEqual([200, { success: true }])
      await host.settled()
    },
  }
}

it('segment 23: categoryPreferences {} -> blocked for mapped sinks; no consent key -> allowed', async () => {
  const { host, others, send } = await running()
  await send({ messageId: 'silent', userId: 'u1', context: { consent: { categoryPreferences: {} } } }, { messageId: 'none', userId: 'u2' })
  await host.close()
  expect(others).toEqual(['none'])
  expect(vendor.stored.map(({ userId }) => userId)).toEqual(['u2'])
})

it('segment 24: integrations {All:false,X:true} -> only X', async () => {
  const { host, others, send } = await running()
  await send(
    { messageId: 'other', userId: 'u1', integrations: { All: false, other: true } },
    { messageId: 'segment', userId: 'u2', integrations: { All: false, Segment: true } },
    { messageId: 'nobody', userId: 'u3', integrations: { All: false } },
    { messageId: 'not segment', userId: 'u4', integrations: { 'Segment.io': false } },
    { messageId: 'all', userId: 'u5' },
  )
  await host.close()
  expect(others).toEqual(['other', 'not segment', 'all'])
  expect(vendor.stored.map(({ userId }) => userId)).toEqual(['u2', 'u5'])
})

it('segment 22: {"type":"delete"} -> propagated; later events for the id refused', async () => {
  const { host, others, send } = await running()
  await send({ messageId: 'before', userId: 'u1', anonymousId: 'web' }, { messageId: 'other', userId: 'u2' })
  const body = JSON.stringify({ type: 'delete', userId: 'u1', timestamp: '2026-01-02T03:04:05.000Z' })
  const headers = { 'x-signature': createHmac('sha1', 'shhh').update(body).digest('hex') }
  // Segment sends a notice again when it heard no answer.
  for (let time = 0; time < 2; time += 1) {
    const answer = await host.fetch(new Request('http://host/segment/webhook', { method: 'POST', headers, body }))
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }])
  }
  await send({ messageId: 'after', userId: 'u1' }, { messageId: 'visitor', anonymousId: 'web' }, { messageId: 'another', userId: 'u2' })
  expect(others).toEqual(['before', 'other', 'another'])
  expect(vendor.stored.map(({ userId }) => userId)).toEqual(['u1', 'u2', 'u2'])
  expect(vendor.regulations.map(({ subjectIds }) => subjectIds)).toEqual([['u1']])
  expect((await host.erasures('u1')).map(({ plugin, state }) => [plugin, state])).toEqual([['segment', 'requested']])
  await host.close()
})

it('is told what Waymark finds out, where it asks for that', async () => {
  const { host, send } = await running({ sink: { writeKey: 'WK', learned: ['memberships', 'decisions'] } }, {})
  const uses = ['A', 'B', 'C'].map((feature, index) => ({ messageId: `m${index}`, event: 'used', properties: { feature } }))
  await send({ messageId: 'first' }, ...uses, { ...uses[0], messageId: 'm3' })
  await host.close()
  const learned = vendor.stored.filter((event) => JSON.stringify(event).includes('waymark_'))
  expect(learned).toContainEqual(expect.objectContaining({ type: 'identify', userId: 'u1', traits: { waymark_engagement: 'engaged' } }))
  expect(learned).toContainEqual(
    expect.objectContaining({ type: 'track', event: 'waymark_decision', userId: 'u1', properties: expect.objectContaining({ rule: 'tip', outcome: 'sent' }) }),
  )
})

it('is told nothing of it where it does not ask', async () => {
  const { host, send } = await running({}, {})
  await send(...['A', 'B', 'C'].map((feature, index) => ({ messageId: `m${index}`, event: 'used', properties: { feature } })))
  await host.close()
  expect(vendor.stored.map(({ event }) => event)).toEqual(['used', 'used', 'used'])
})

it('sends nothing a second time that the mirror has brought there', async () => {
  const { host, others, send } = await running({ mirror: { to: vendor.url } })
  await send({ messageId: 'm1' })
  await host.ingest([sampleEvent(1, { event: 'signed_up', source: 'server' })])
  await host.settled()
  await host.close()
  expect(others).toEqual(['m1', 'message-sample-00001'])
  expect(vendor.stored.map(({ userId }) => userId)).toEqual(['u1', 'sample-user'])
})
