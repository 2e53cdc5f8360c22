import { segment } from '@waymark/adapter-segment'
import type { Plugin } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
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
async function running() {
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
  const plugin = segment({ writeKeys: { wk: 'web' }, sink: { writeKey: 'WK', host: vendor.url } })
  const { host } = await world({ config: configWith(sqlite(':memory:'), [plugin, other], { segments: [], rules: [] }) })
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
