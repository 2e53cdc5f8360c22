import type { Cancel, Clock } from '@waymark/core'
import { createWakeQueue } from './wake-queue.ts'

/** Knows when each profile next changes by time alone, and says so when the moment comes. */
export interface Scheduler {
  set(profile: string, at: number | undefined): void
  /** Resolves when the first of what fell due while nobody was looking has been done; the rest of it follows by and by. */
  start(): Promise<void>
  stop(): void
  /** Profiles that wait for a moment. */
  readonly pending: number
  /** How many of them have waited past it. */
  due(now: number): number
  /** Entries kept for them, a bounded multiple of their number. */
  readonly entries: number
  /** Whether something is overdue and waits for its turn, or is being done. */
  readonly isBehind: boolean
}

export interface Due {
  readonly profile: string
  readonly at: number
}

/** Most profiles woken in one go; the rest follow at once, in commits of their own. */
const AT_ONCE = 1_000
/** Later than this, in milliseconds, is overdue: no longer among what is done in its moment, before all else. */
const IN_TIME = 1_000
/** Of what is overdue, the part of a second's worth that is taken up in one go: events that come in wait no longer than that takes. */
const SLICE = 1 / 20
/** Between two slices there is never more, in milliseconds: one profile in a second is the least. */
const LONGEST_PAUSE = 1_000
/** Entries that are out of date are left where they are until they are as many as the others, and so many more. */
const LEFT_OVER = 1_000
/** Most entries found to be overdue in one go: a million of them would hold everybody up. */
const MOST_MOVED = 2_000

/**
 * Two lines: what falls due is done at once, in its moment; what is overdue, after an outage or because more fell due than could be done, is done
 * beside it, the longest overdue first, at a bounded rate.
 */
export function createScheduler(parts: {
  readonly clock: Clock
  readonly wake: (due: readonly Due[]) => Promise<void>
  /** What a virtual clock should wait for besides, before it moves on; the next wake does not. */
  readonly settled: () => Promise<void>
  /** See `TimerPolicy`. */
  readonly drainPerSecond: number
  /** Nothing is overdue any more. */
  readonly onCaughtUp?: () => void
}): Scheduler {
  const { clock, wake, settled, drainPerSecond, onCaughtUp = () => {} } = parts
  const wakes = new Map<string, number>()
  /** The earliest entry of each profile in either line. */
  const filed = new Map<string, number>()
  const inTime = createWakeQueue(standingOf, refile)
  const overdue = createWakeQueue(standingOf, refile)
  const slice = Math.ceil(drainPerSecond * SLICE)
  /** When the next slice of what is overdue may be taken up. */
  let nextSlice = Number.NEGATIVE_INFINITY
  let armed: { readonly at: number; readonly cancel: Cancel } | undefined
  let isRunning = false
  let isBehind = false
  let waking: Promise<void> | undefined

  function standingOf(profile: string, at: number): 'stands' | 'moved' | 'gone' {
    if (filed.get(profile) !== at) return 'gone'
    if (wakes.get(profile) === at) return 'stands'
    filed.delete(profile)
    return wakes.has(profile) ? 'moved' : 'gone'
  }

  function refile(profile: string): void {
    file(profile, wakes.get(profile) as number)
  }

  function file(profile: string, at: number): void {
    filed.set(profile, at)
    lineFor(at).add(profile, at)
    if (inTime.length + overdue.length > 2 * filed.size + LEFT_OVER) tidy()
  }

  function lineFor(at: number): typeof inTime {
    return at < clock.now() - IN_TIME ? overdue : inTime
  }

  /** Each wake that comes nearer leaves an entry that would stay until its own moment, a month perhaps. */
  function tidy(): void {
    inTime.clear()
    overdue.clear()
    for (const [profile, at] of filed) lineFor(at).add(profile, at)
  }

  function take(line: typeof inTime, at: number): Due {
    const profile = line.pop()
    filed.delete(profile)
    wakes.delete(profile)
    return { profile, at }
  }

  function takeInTime(now: number): readonly Due[] {
    const due: Due[] = []
    let moved = 0
    for (let at = inTime.first(); at !== undefined && at <= now && due.length < AT_ONCE && moved < MOST_MOVED; at = inTime.first()) {
      if (at >= now - IN_TIME) due.push(take(inTime, at))
      else {
        overdue.add(inTime.pop(), at)
        moved += 1
      }
    }
    return due
  }

  function takeOverdue(now: number): readonly Due[] {
    const due: Due[] = []
    if (now < turnAt(now)) return due
    for (let at = overdue.first(); at !== undefined && at <= now && due.length < slice; at = overdue.first()) due.push(take(overdue, at))
    nextSlice = now + (due.length * 1_000) / drainPerSecond
    if (due.length > 0) isBehind = true
    return due
  }

  /** A clock that is put back does not hold up the rest for so long. */
  function turnAt(now: number): number {
    return nextSlice > now + LONGEST_PAUSE ? now : nextSlice
  }

  function takeDue(): readonly Due[] {
    const now = clock.now()
    const due = takeInTime(now)
    return due.length > 0 ? due : takeOverdue(now)
  }

  function nextMoment(): number | undefined {
    const [first, late] = [inTime.first(), overdue.first()]
    const turn = late === undefined ? undefined : Math.max(late, turnAt(clock.now()))
    return first === undefined || turn === undefined ? (first ?? turn) : Math.min(first, turn)
  }

  function arm(): void {
    if (!isRunning || waking !== undefined) return
    const at = nextMoment()
    if (at === armed?.at) return
    armed?.cancel()
    armed = at === undefined ? undefined : { at, cancel: clock.at(at, ring) }
  }

  async function ring(): Promise<void> {
    armed = undefined
    await wakeDue()
    await settled()
  }

  function wakeDue(): Promise<void> {
    waking ??= wakeAll().finally(() => {
      waking = undefined
      arm()
    })
    return waking
  }

  async function wakeAll(): Promise<void> {
    while (isRunning) {
      const due = takeDue()
      if (due.length === 0) break
      await wake(due)
    }
    if (!isBehind || overdue.first() !== undefined) return
    isBehind = false
    onCaughtUp()
  }

  return {
    set(profile, at) {
      if (at === undefined) wakes.delete(profile)
      else {
        wakes.set(profile, at)
        // Its entry comes up no later than that, and is put where it belongs then.
        const there = filed.get(profile)
        if (there === undefined || at < there) file(profile, at)
      }
      arm()
    },
    async start() {
      isRunning = true
      isBehind = overdue.first() !== undefined
      await wakeDue()
    },
    stop() {
      isRunning = false
      armed?.cancel()
      armed = undefined
    },
    get pending() {
      return wakes.size
    },
    due(now) {
      const first = Math.min(inTime.first() ?? now + 1, overdue.first() ?? now + 1)
      if (first > now) return 0
      let count = 0
      for (const at of wakes.values()) if (at <= now) count += 1
      return count
    },
    get entries() {
      return inTime.length + overdue.length
    },
    get isBehind() {
      return isBehind
    },
  }
}
