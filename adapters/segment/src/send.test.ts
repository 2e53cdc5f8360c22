import { memoryContext } from '@waymark/testkit/plugin'
import { fakeSegment } from '@waymark/testkit/vendors'
import { expect, it } from 'vitest'
import { send } from './send.ts'

it('does not believe the SDK when it reports events as sent that it could not even write', async () => {
  const vendor = await fakeSegment()
  const call = { method: 'track' as const, bytes: 0, parameters: { messageId: 'm1', event: 'e', userId: 'u1', properties: { big: 1n } } }
  const outcomes = await send([call], { writeKey: 'WK', host: vendor.url }, memoryContext())
  expect(outcomes).toEqual([{ status: 'retry', reason: expect.stringContaining('did not send it') }])
  await vendor.stop()
})
