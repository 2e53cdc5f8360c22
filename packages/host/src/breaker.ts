import type { Effects } from './effects.ts'

/**
 * `closed`: calls go through. `open`: nothing is sent, what there is waits. `half-open`: one call finds out whether the receiver is there
 * again.
 */
export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerStatus {
  readonly state: BreakerState
  /** Since when, in epoch milliseconds. */
  readonly since: number
  /** How many calls have failed in a row. */
  readonly failures: number
  /** Why the last of them failed. */
  readonly reason?: string
  /** While it is open: when the next call is let through. */
  readonly retryAt?: number
}

/** Keeps calls from a receiver that takes none. Of its own for each sink and each channel. */
export interface Breaker {
  /** How many calls may begin with so many under way. While some have failed in a row, only as many as may still fail before it opens. */
  room(underWay: number): number
  readonly status: BreakerStatus
  succeeded(): void
  /** `wait` is what the receiver asks for, in milliseconds. */
  failed(reason: string, wait?: number): void
}

/** Calls that fail in a row before it opens. */
export const OPENS_AFTER = 10
const FIRST_WAIT = 30_000
const LONGEST_WAIT = 600_000

/**
 * A state machine without timers: it reads the clock when it is asked, so that it keeps to a virtual one. It stays open for 30 s at first
 * and twice as long each time the call that finds out fails, up to 10 minutes, shortened by up to half at random; or for as long as
 * the receiver asks. `onChange` hears when it opens and closes.
 */
export function createBreaker({ clock, random }: Pick<Effects, 'clock' | 'random'>, onChange: (status: BreakerStatus) => void): Breaker {
  let state: BreakerState = 'closed'
  let since = clock.now()
  let failures = 0
  let reason: string | undefined
  let openings = 0
  let retryAt = 0

  function status(): BreakerStatus {
    if (state === 'open' && clock.now() >= retryAt) enter('half-open')
    return { state, since, failures, ...(reason === undefined ? {} : { reason }), ...(state === 'open' ? { retryAt } : {}) }
  }

  function enter(next: BreakerState): void {
    state = next
    since = clock.now()
  }

  return {
    get status() {
      return status()
    },
    room(underWay) {
      const { state: current } = status()
      if (current === 'open') return 0
      if (current === 'half-open') return Math.max(0, 1 - underWay)
      return failures === 0 ? Number.POSITIVE_INFINITY : Math.max(0, OPENS_AFTER - failures - underWay)
    },
    succeeded() {
      // What began before it opened says nothing of now.
      if (status().state === 'open') return
      failures = 0
      reason = undefined
      openings = 0
      if (state === 'closed') return
      enter('closed')
      onChange(status())
    },
    failed(why, wait = 0) {
      const { state: current } = status()
      failures += 1
      reason = why
      if (current === 'open' || (current === 'closed' && failures < OPENS_AFTER)) return
      const full = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(openings, 10))
      retryAt = clock.now() + Math.max(wait, Math.round(full * (1 - random() / 2)))
      openings += 1
      enter('open')
      onChange(status())
    },
  }
}
