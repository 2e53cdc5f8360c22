import type { Clock } from '@waymark/core'
import { describe, expect, it } from 'vitest'
import { virtualClock } from './clock.ts'
import { createScheduler } from './scheduler.ts'

const MILLION = 1_000_000

/** A virtual clock that counts how often it is asked to wait for a moment. */
function counted(start: number): { readonly clock: ReturnType<typeof virtualClock>; readonly asked: () => number } {
  const clock = virtualClock(start)
  let asked = 0
  const counting: Clock['at'] = (time, run) => {
    asked += 1
    return clock.at(time, run)
  }
  return { clock: { ...clock, at: counting }, asked: () => asked }
}

describe('a million pending wakes', () => {
  it('cost nothing until due: one is waited for, and nothing happens before its moment', async () => {
    const { clock, asked } = counted(0)
    const woken: string[] = []
    const scheduler = createScheduler(
      clock,
      async (due) => {
        woken.push(...due.map(({ profile, at }) => `${profile} at ${at}`))
      },
      async () => {},
    )
    await scheduler.start()
    for (let index = 0; index < MILLION; index += 1) scheduler.set(`p${index}`, 1_000 + index)
    expect(asked()).toBe(1)
    await clock.moveTo(999)
    expect([woken, asked()]).toEqual([[], 1])
    await clock.moveTo(1_001)
    expect(woken).toEqual(['p0 at 1000', 'p1 at 1001'])
    expect(asked()).toBe(3)
    scheduler.stop()
  })

  it('ring once each, though they move while they wait', async () => {
    const { clock } = counted(0)
    const woken = new Map<string, number>()
    const scheduler = createScheduler(
      clock,
      async (due) => {
        for (const { profile, at } of due) {
          expect(clock.now()).toBe(at)
          woken.set(profile, (woken.get(profile) ?? 0) + 1)
        }
      },
      async () => {},
    )
    await scheduler.start()
    for (let index = 0; index < 10_000; index += 1) scheduler.set(`p${index}`, 100 + (index % 50))
    for (let index = 0; index < 10_000; index += 2) scheduler.set(`p${index}`, 400 + (index % 70))
    for (let index = 0; index < 10_000; index += 5) scheduler.set(`p${index}`, undefined)
    await clock.moveTo(1_000)
    expect(woken.size).toBe(8_000)
    expect(new Set(woken.values())).toEqual(new Set([1]))
    scheduler.stop()
  })
})
