import { memoryContext, sampleEvent, serve } from '@waymark/testkit/plugin'
import { fakeSegment } from '@waymark/testkit/vendors'
import { expect, it } from 'vitest'
import { type SegmentOptions, segment } from '../src/index.ts'

const mapping: NonNullable<SegmentOptions['mapping']> = {
  incoming: { 'Signed Up': 'signed_up', 'Page Ping': false },
  outgoing: {
    signed_up: 'Signed Up',
    $page: false,
    feature_used: (event) => ({ ...event, event: `Used ${String(event.properties['feature'])}` }),
    broken() {
      throw new Error('no such thing')
    },
  },
}

it('reads events by the names of the mapping, and leaves out what it says', async () => {
  const context = memoryContext()
  const host = await serve(segment({ writeKeys: { wk: 'web' }, mapping }), context)
  const batch = ['Signed Up', 'Page Ping', 'Other'].map((event, index) => ({ type: 'track', event, userId: 'u1', messageId: `m${index}` }))
  const answer = await fetch(`${host.url}/v1/batch`, { method: 'POST', body: JSON.stringify({ writeKey: 'wk', batch }) })
  expect(await answer.json()).toEqual({ success: true })
  await fetch(`${host.url}/v1/t`, { method: 'POST', body: JSON.stringify({ ...batch[0], messageId: 'single', writeKey: 'wk' }) })
  await host.stop()
  expect(context.accepted.map(({ event }) => event)).toEqual(['signed_up', 'Other', 'signed_up'])
  expect(context.kept).toEqual([])
})

it('writes events by the names of the mapping, leaves out what it says, and rejects what it fails at', async () => {
  const vendor = await fakeSegment()
  const { sink } = segment({ receive: false, mapping, sink: { writeKey: 'WK', host: vendor.url } })
  const events = [
    sampleEvent(0, { event: 'signed_up' }),
    sampleEvent(1, { type: 'page' }),
    sampleEvent(2, { event: 'feature_used', properties: { feature: 'search' } }),
    sampleEvent(3, { event: 'broken' }),
    sampleEvent(4),
  ]
  const outcomes = await sink!.deliver(events, memoryContext())
  await vendor.stop()
  expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered', 'rejected', 'delivered'])
  expect(outcomes[3]).toMatchObject({ reason: expect.stringContaining('no such thing') })
  expect(vendor.stored.map(({ event }) => event)).toEqual(['Signed Up', 'Used search', 'sample_done'])
})
