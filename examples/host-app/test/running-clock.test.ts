import { virtualClock } from '@waymark/host'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type RunningClock, runningClock } from '../src/running-clock.ts'

const HOUR = 3_600_000

let clock: RunningClock
beforeEach(() => {
  vi.useFakeTimers()
  clock = runningClock(virtualClock(1_000))
})
afterEach(() => {
  clock.stop()
  vi.useRealTimers()
})

test('it goes along with real time, in whole milliseconds, until it is stopped', async () => {
  await vi.advanceTimersByTimeAsync(10_000)
  expect(clock.now()).toBe(11_000)
  clock.stop()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(clock.now()).toBe(11_000)
})

test('put forward, it does what falls due on the way at its own moment, then goes on from there', async () => {
  const rang: number[] = []
  clock.at(1_000 + HOUR / 2, () => void rang.push(clock.now()))
  await clock.moveTo(1_000 + HOUR)
  expect(rang).toEqual([1_000 + HOUR / 2])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(clock.now()).toBe(3_000 + HOUR)
})

test('a slow task is waited for: nothing overtakes it', async () => {
  const order: string[] = []
  clock.at(2_000, async () => {
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    order.push('slow')
  })
  clock.at(3_000, () => void order.push('next'))
  await vi.advanceTimersByTimeAsync(20_000)
  expect(order).toEqual(['slow', 'next'])
})
