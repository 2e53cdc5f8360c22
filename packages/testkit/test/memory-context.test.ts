import { memoryContext, sampleEvent } from '@waymark/testkit/plugin'
import { expect, it } from 'vitest'

it('has a clock that rings as it is moved, each at its own moment, and waits for what it sets off', async () => {
  const context = memoryContext()
  const { clock, time: start } = context
  const rang: string[] = []
  const at = (name: string, after: number) => clock.at(start + after, () => void rang.push(`${name} at ${clock.now() - start}`))
  at('second', 2_000)
  at('first', 1_000)
  const cancel = at('never', 1_500)
  clock.at(start + 1_200, async () => {
    await Promise.resolve()
    at('third', 2_500)
  })
  at('later', 9_000)
  cancel()
  await clock.moveTo(start + 5_000)
  expect(rang).toEqual(['first at 1000', 'second at 2000', 'third at 2500'])
  expect(context.time).toBe(start + 5_000)
})

it('sets off what is due when its time is set, and what is past by itself; the time may be put back', async () => {
  const context = memoryContext()
  const start = context.time
  const rang: string[] = []
  context.clock.at(start + 1_000, () => void rang.push('due'))
  context.time += 7_000
  expect([rang, context.clock.now()]).toEqual([['due'], start + 7_000])
  context.clock.at(start, () => void rang.push('past'))
  expect(rang).toEqual(['due'])
  await Promise.resolve()
  expect(rang).toEqual(['due', 'past'])
  context.time = start - 1
  expect(context.clock.now()).toBe(start - 1)
})

it('refuses what comes of somebody who was erased', async () => {
  const context = memoryContext()
  await context.erase({ userId: 'u' })
  await context.erase({ anonymousId: 'web' })
  const events = [{ userId: 'u' }, { userId: 'v' }, { userId: 'v', anonymousId: 'web' }].map((ids, index) => sampleEvent(index, ids))
  expect((await context.ingest(events)).map(({ status }) => status)).toEqual(['refused', 'accepted', 'refused'])
})
