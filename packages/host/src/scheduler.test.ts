import type { Clock } from '@waymark/core'
import { describe, expect, it } from 'vitest'
import { virtualClock } from './clock.ts'
import { createScheduler, type Due, type Scheduler } from './scheduler.ts'

const MILLION = 1_000_000
const SECOND = 1_000
const HOUR = 3_600 * SECOND

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

function schedulerOn(clock: Clock, onWake: (due: readonly Due[]) => void, more: { drainPerSecond?: number; onCaughtUp?: () => void } = {}): Scheduler {
  return createScheduler({ clock, wake: async (due) => onWake(due), settled: async () => {}, drainPerSecond: 4_000, ...more })
}

describe('a million pending wakes', () => {
  it('cost nothing until due: one is waited for, and nothing happens before its moment', async () => {
    const { clock, asked } = counted(0)
    const woken: string[] = []
    const scheduler = schedulerOn(clock, (due) => woken.push(...due.map(({ profile, at }) => `${profile} at ${at}`)))
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

  it('keep a bounded number of entries, though they come nearer and move away for ever, and still ring once each', async () => {
    const { clock } = counted(0)
    const woken: string[] = []
    const scheduler = schedulerOn(clock, (due) => woken.push(...due.map(({ profile, at }) => `${profile} at ${at}`)))
    await scheduler.start()
    for (let session = 0; session < 200; session += 1) {
      // A deadline in a month, and the end of a session: each leaves the other's entry behind.
      for (let index = 0; index < 100; index += 1) scheduler.set(`p${index}`, 720 * HOUR + session)
      for (let index = 0; index < 100; index += 1) scheduler.set(`p${index}`, HOUR - session)
    }
    expect(scheduler.entries).toBeLessThan(100 * 3 + 1_100)
    await clock.moveTo(HOUR)
    expect(woken.toSorted()).toEqual(Array.from({ length: 100 }, (_, index) => `p${index} at ${HOUR - 199}`).toSorted())
    scheduler.stop()
  })

  it('ring once each, though they move while they wait', async () => {
    const { clock } = counted(0)
    const woken = new Map<string, number>()
    const scheduler = schedulerOn(clock, (due) => {
      for (const { profile, at } of due) {
        expect(clock.now()).toBe(at)
        woken.set(profile, (woken.get(profile) ?? 0) + 1)
      }
    })
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

describe('what is overdue', () => {
  /** Each wake with when it was taken up. */
  function drained(drainPerSecond: number) {
    const clock = virtualClock(HOUR)
    const woken: (Due & { readonly now: number })[] = []
    const caughtUp: number[] = []
    const scheduler = schedulerOn(clock, (due) => woken.push(...due.map((one) => ({ ...one, now: clock.now() }))), {
      drainPerSecond,
      onCaughtUp: () => caughtUp.push(clock.now()),
    })
    return { clock, scheduler, woken, caughtUp }
  }

  it('is done at no more than its rate, the longest overdue first, each once', async () => {
    const { clock, scheduler, woken, caughtUp } = drained(100)
    for (let index = 0; index < 1_000; index += 1) scheduler.set(`p${index}`, (index * 7_919) % 1_000)
    await scheduler.start()
    expect(woken).toHaveLength(5)
    expect(scheduler.isBehind).toBe(true)
    await clock.moveTo(HOUR + 20 * SECOND)
    expect(woken.map(({ at }) => at)).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
    for (const [index, { now }] of woken.entries()) expect(now - HOUR).toBe(Math.floor(index / 5) * 50)
    expect([caughtUp, scheduler.isBehind, scheduler.pending]).toEqual([[HOUR + 9_950], false, 0])
  })

  it('keeps nobody waiting whose moment comes meanwhile', async () => {
    const { clock, scheduler, woken } = drained(10)
    for (let index = 0; index < 500; index += 1) scheduler.set(`late${index}`, index)
    await scheduler.start()
    for (let index = 0; index < 5_000; index += 1) scheduler.set(`soon${index}`, HOUR + 1 + index)
    await clock.moveTo(HOUR + 10 * SECOND)
    const soon = woken.filter(({ profile }) => profile.startsWith('soon'))
    expect(soon).toHaveLength(5_000)
    for (const { at, now } of soon) expect(now).toBe(at)
    expect(woken.length - soon.length).toBeGreaterThanOrEqual(100)
    expect(woken.length - soon.length).toBeLessThanOrEqual(101)
  })

  it('does not come up again where an event was sooner', async () => {
    const { clock, scheduler, woken } = drained(10)
    for (let index = 0; index < 100; index += 1) scheduler.set(`p${index}`, index)
    await scheduler.start()
    const before = woken.length
    for (let index = 0; index < 100; index += 2) scheduler.set(`p${index}`, HOUR + 60 * SECOND + index)
    for (let index = 1; index < 100; index += 4) scheduler.set(`p${index}`, undefined)
    await clock.moveTo(HOUR + 30 * SECOND)
    expect(woken.slice(before).every(({ profile }) => Number(profile.slice(1)) % 4 === 3)).toBe(true)
    await clock.moveTo(HOUR + 120 * SECOND)
    expect(woken.slice(before).filter(({ at }) => at > HOUR)).toHaveLength(50)
    expect(new Set(woken.map(({ profile, at }) => `${profile} ${at}`)).size).toBe(woken.length)
  })

  it('goes on when the clock is put back meanwhile', async () => {
    let offset = 0
    const clock = virtualClock(10 * HOUR)
    const jumping: Clock = { now: () => clock.now() + offset, at: (time, run) => clock.at(time - offset, run) }
    let woken = 0
    const scheduler = schedulerOn(
      jumping,
      (due) => {
        woken += due.length
      },
      { drainPerSecond: 1 },
    )
    for (let index = 0; index < 20; index += 1) scheduler.set(`p${index}`, index)
    await scheduler.start()
    offset = -2 * HOUR
    await clock.moveTo(clock.now() + 3 * HOUR)
    expect(woken).toBe(20)
  })

  it('is what more fell due than could be done: a million at one moment, none of them twice', async () => {
    const clock = virtualClock(0)
    let woken = 0
    // Each takes a hundred microseconds.
    const working: Clock = { now: () => clock.now() + Math.floor(woken / 10), at: (time, run) => clock.at(time - Math.floor(woken / 10), run) }
    const scheduler = schedulerOn(working, (due) => {
      woken += due.length
    })
    await scheduler.start()
    for (let index = 0; index < MILLION; index += 1) scheduler.set(`p${index}`, 100)
    await clock.moveTo(100)
    // What is not done within the second waits for its turn.
    expect(woken).toBeGreaterThan(9_000)
    expect(woken).toBeLessThan(13_000)
    expect(scheduler.isBehind).toBe(true)
    await clock.moveTo(300_000)
    expect([woken, scheduler.pending, scheduler.isBehind]).toEqual([MILLION, 0, false])
    expect(working.now()).toBeGreaterThan(240_000)
  })
})
