import { describe, expect, it } from 'vitest'
import { backoff, waitFor } from './backoff.ts'
import { type BreakerStatus, createBreaker } from './breaker.ts'
import { virtualClock } from './clock.ts'

const SECOND = 1_000

function world(random = 0) {
  const clock = virtualClock(0)
  const changes: BreakerStatus['state'][] = []
  const breaker = createBreaker({ clock, random: () => random }, ({ state }) => changes.push(state))
  const fail = (times: number) => {
    for (let time = 0; time < times; time += 1) breaker.failed('down')
  }
  return { clock, changes, breaker, fail }
}

describe('a breaker', () => {
  it('lets no more calls begin than may still fail before it opens', () => {
    const { breaker, fail } = world()
    expect(breaker.room(1_000)).toBe(Number.POSITIVE_INFINITY)
    fail(7)
    expect([breaker.room(0), breaker.room(2), breaker.room(5)]).toEqual([3, 1, 0])
    breaker.succeeded()
    expect(breaker.room(1_000)).toBe(Number.POSITIVE_INFINITY)
    fail(9)
    expect(breaker.status).toMatchObject({ state: 'closed', failures: 9, reason: 'down' })
    fail(1)
    expect(breaker.status).toEqual({ state: 'open', since: 0, failures: 10, reason: 'down', retryAt: 30 * SECOND })
    expect(breaker.room(0)).toBe(0)
  })

  it('lets one call through after a while, stays open longer each time that fails, and closes when one succeeds', async () => {
    const { breaker, clock, fail, changes } = world()
    fail(10)
    const waits: number[] = []
    for (let round = 0; round < 7; round += 1) {
      const { retryAt = 0 } = breaker.status
      waits.push((retryAt - clock.now()) / SECOND)
      await clock.moveTo(retryAt - 1)
      expect(breaker.room(0)).toBe(0)
      await clock.moveTo(retryAt)
      expect([breaker.room(0), breaker.room(1)]).toEqual([1, 0])
      fail(1)
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 600, 600])
    await clock.moveTo(breaker.status.retryAt ?? 0)
    expect(breaker.status.state).toBe('half-open')
    breaker.succeeded()
    expect(breaker.status).toEqual({ state: 'closed', since: clock.now(), failures: 0 })
    expect(changes).toEqual([...Array.from({ length: 8 }, () => 'open'), 'closed'])
    fail(10)
    expect(breaker.status.retryAt).toBe(clock.now() + 30 * SECOND)
  })

  it('does not take what began before it opened for a sign of life', () => {
    const { breaker, fail } = world()
    fail(10)
    breaker.succeeded()
    expect(breaker.status.state).toBe('open')
  })

  it('waits for as long as the receiver asks, and a little less than its own time otherwise', () => {
    const asked = world()
    asked.fail(9)
    asked.breaker.failed('busy', 3_600 * SECOND)
    expect(asked.breaker.status.retryAt).toBe(3_600 * SECOND)
    const random = world(1)
    random.fail(10)
    expect(random.breaker.status.retryAt).toBe(15 * SECOND)
  })
})

describe('a wait', () => {
  it('doubles up to its longest, up to half shorter by lot', () => {
    const waits = [1, 2, 3, 12, 13, 50].map((attempt) => backoff(attempt, () => 0) / SECOND)
    expect(waits).toEqual([1, 2, 4, 2_048, 3_600, 3_600])
    expect(backoff(3, () => 1)).toBe(2 * SECOND)
    expect(backoff(9, () => 0, 30 * SECOND)).toBe(30 * SECOND)
  })

  it('is what the receiver asks for, from a second to a day, up to a tenth longer by lot', () => {
    const wait = (afterMs: number | undefined, random = 0) => waitFor(afterMs, 7, () => random)
    expect([wait(5_000), wait(5_000, 1), wait(0), wait(1e12)]).toEqual([5_000, 5_500, 1_000, 86_400_000])
    expect([wait(undefined), wait(Number.NaN), wait(-1), wait('60' as never)]).toEqual([7, 7, 7, 7])
  })
})
