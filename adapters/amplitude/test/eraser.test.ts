import type { MemoryContext } from '@waymark/testkit/plugin'
import { memoryContext } from '@waymark/testkit/plugin'
import type { FakeAmplitude } from '@waymark/testkit/vendors'
import { fakeAmplitude } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { amplitude } from '../src/index.ts'

let context: MemoryContext
let vendor: FakeAmplitude
beforeEach(async () => {
  context = memoryContext()
  vendor = await fakeAmplitude()
})
afterEach(() => vendor.stop())

const eraser = () => amplitude({ receive: false, rest: { apiKey: 'AK', secretKey: 'SK', host: vendor.url }, erase: true }).eraser!

it('amplitude 22: unknown+known deletion -> known queued', async () => {
  vendor.project.users.set('known', 7)
  vendor.project.devices.set('device', 8)
  const receipt = await eraser().erase({ profile: 'p', userIds: ['unknown', 'known'], anonymousIds: ['device', 'never-seen'] }, context)
  expect(receipt).toMatchObject({ status: 'requested', reference: { days: ['2026-01-12'] } })
  expect(vendor.project.deletions).toMatchObject([{ amplitude_ids: [7, 8] }])
  expect(vendor.requests.at(-1)?.json).toMatchObject({
    user_ids: ['unknown', 'known'],
    amplitude_ids: [8],
    ignore_invalid_id: 'True',
    ignore_invalid_ids: 'True',
    delete_from_org: 'False',
  })
  if (receipt.status !== 'requested') return
  expect(await eraser().check!(receipt.reference, context)).toMatchObject({ status: 'requested' })
  vendor.project.deletions[0]!.status = 'done'
  expect(await eraser().check!(receipt.reference, context)).toMatchObject({ status: 'confirmed' })
})

it('asks for 100 at a time, one request a second', async () => {
  const users = Array.from({ length: 250 }, (_, index) => `user-${index}`)
  for (const [index, user] of users.entries()) vendor.project.users.set(user, index)
  const waits: number[] = []
  const clock = {
    now: () => context.time,
    at(time: number, run: () => void) {
      waits.push(time - context.time)
      context.time = time
      run()
      return () => {}
    },
  }
  expect(await eraser().erase({ profile: 'p', userIds: users, anonymousIds: [] }, { ...context, clock })).toMatchObject({ status: 'requested' })
  expect(vendor.requests.map(({ json }) => (json as { user_ids: unknown[] }).user_ids.length)).toEqual([100, 100, 50])
  expect(waits).toEqual([1000, 1000])
})

it('asks for 101 ids as time goes on, and ends at once when the host closes', async () => {
  const users = Array.from({ length: 101 }, (_, index) => `user-${index}`)
  for (const [index, user] of users.entries()) vendor.project.users.set(user, index)
  const subject = { profile: 'p', userIds: users, anonymousIds: [] }
  const erasing = eraser().erase(subject, context)
  await expect.poll(() => context.clock.moveTo(context.time + 1000).then(() => vendor.requests.length)).toBe(2)
  expect(await erasing).toMatchObject({ status: 'requested' })
  expect(vendor.requests).toHaveLength(2)

  const stop = new AbortController()
  const closing = eraser().erase(subject, { ...context, signal: stop.signal })
  await expect.poll(() => vendor.requests.length).toBe(3)
  stop.abort()
  expect(await closing).toMatchObject({ status: 'retry' })
})

it('says that a person has to look when Amplitude took the deletion back', async () => {
  expect(await eraser().check!({ days: ['2026-01-12'], since: '2026-01-02' }, context)).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('2026-01-12'),
  })
})
