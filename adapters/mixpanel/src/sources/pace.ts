/** A rate limit: at most so many requests within so many milliseconds. */
export interface Rate {
  readonly requests: number
  readonly withinMs: number
}

/** Remembers when requests left, and says how long the next one has to wait for all rates to be kept. */
export interface Pace {
  left(now: number): void
  /** Milliseconds; 0 when it may leave at once. */
  wait(now: number): number
}

/** Exports and queries of a project: 60 an hour and 3 a second. */
const RATES: readonly Rate[] = [
  { requests: 60, withinMs: 3_600_000 },
  { requests: 3, withinMs: 1_000 },
]

export function createPace(rates: readonly Rate[] = RATES): Pace {
  const most = Math.max(...rates.map(({ requests }) => requests))
  let times: number[] = []
  return {
    left(now) {
      times = [...times, now].slice(-most)
    },
    wait(now) {
      const waits = rates.map(({ requests, withinMs }) => (times.length < requests ? 0 : times[times.length - requests]! + withinMs - now))
      return Math.max(0, ...waits)
    },
  }
}
