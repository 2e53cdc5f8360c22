import { afterEach, expect, it, vi } from 'vitest'
import { systemClock } from './clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('rings at its moment and not before, however far away that is', () => {
  vi.useFakeTimers({ now: 0 })
  const rung = vi.fn()
  systemClock().at(40 * 86_400_000, rung)
  vi.advanceTimersByTime(40 * 86_400_000 - 1)
  expect(rung).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(rung).toHaveBeenCalledTimes(1)
})

it('notices within ten seconds that the wall clock was put forward past its moment', () => {
  vi.useFakeTimers({ now: 0 })
  const rung = vi.fn()
  systemClock().at(86_400_000, rung)
  vi.advanceTimersByTime(5_000)
  // Time passes on the wall, and no timer of the process knows of it.
  vi.setSystemTime(2 * 86_400_000)
  vi.advanceTimersByTime(10_000)
  expect(rung).toHaveBeenCalledTimes(1)
})

it('does not ring once it is cancelled', () => {
  vi.useFakeTimers({ now: 0 })
  const rung = vi.fn()
  systemClock().at(25_000, rung)()
  vi.advanceTimersByTime(60_000)
  expect(rung).not.toHaveBeenCalled()
})
