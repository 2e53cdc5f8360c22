import { Analytics } from '@segment/analytics-node'
import type { MemoryContext, Running } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { segment } from '../src/index.ts'

let context: MemoryContext
let host: Running
beforeEach(async () => {
  context = memoryContext()
  host = await serve(segment({ writeKeys: { wk: 'server' } }), context)
})
afterEach(() => host.stop())

it.each(['/v1/batch', '/segment/v1/batch'])("takes every kind of event from Segment's own server SDK at %s", async (path) => {
  const analytics = new Analytics({ writeKey: 'wk', host: host.url, path, maxRetries: 0 })
  const failures: unknown[] = []
  analytics.on('error', (error) => failures.push(error))
  const timestamp = new Date(context.time - 1000)
  // The host's clock is virtual; without a timestamp of its own an event is stamped with the real time.
  const skew = Date.now() - context.time
  const common = { userId: 'u1', anonymousId: 'an1', timestamp: new Date(timestamp.getTime() + skew) }
  analytics.track({ ...common, messageId: 'm1', event: 'Signed Up', properties: { plan: 'pro' }, context: { groupId: 'acct' }, integrations: { All: false } })
  analytics.identify({ ...common, messageId: 'm2', traits: { email: 'ada@example.com' } })
  analytics.page({ ...common, messageId: 'm3', category: 'Docs', name: 'Home', properties: { path: '/' } })
  analytics.screen({ ...common, messageId: 'm4', category: 'Docs', name: 'Home' })
  analytics.group({ ...common, messageId: 'm5', groupId: 'acct', traits: { plan: 'pro' } })
  analytics.alias({ userId: 'u2', previousId: 'u1', messageId: 'm6', timestamp: common.timestamp })
  await analytics.closeAndFlush()

  expect(failures).toEqual([])
  expect(context.accepted).toMatchObject([
    { type: 'track', event: 'Signed Up', properties: { plan: 'pro' }, userId: 'u1', anonymousId: 'an1', groupId: 'acct', integrations: { All: false } },
    { type: 'identify', traits: { email: 'ada@example.com' } },
    { type: 'page', name: 'Home', properties: { path: '/', category: 'Docs' } },
    { type: 'screen', name: 'Home', properties: { category: 'Docs' } },
    { type: 'group', groupId: 'acct', traits: { plan: 'pro' } },
    { type: 'alias', userId: 'u2', previousId: 'u1' },
  ])
  expect(context.accepted.map(({ messageId, source }) => [messageId, source])).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6'].map((id) => [id, 'server']))
  for (const event of context.accepted) expect(Math.abs(event.timestamp - timestamp.getTime())).toBeLessThan(5000)
})

it('is told about a wrong write key, which Segment itself would not say', async () => {
  const analytics = new Analytics({ writeKey: 'wrong', host: host.url })
  const failures: string[] = []
  analytics.on('error', ({ reason }) => failures.push(String(reason)))
  analytics.track({ userId: 'u1', event: 'Signed Up' })
  await analytics.closeAndFlush()
  expect(failures).toEqual([expect.stringContaining('401')])
})
