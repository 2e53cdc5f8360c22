/** Stops what was set; stopping twice is harmless. */
export type Cancel = () => void

/** The only way to the time. Every moment is epoch milliseconds, UTC. */
export interface Clock {
  now(): number
  /** Runs once, at `time` or as soon after it as can be; at once when it has passed. A virtual clock waits for the promise. */
  at(time: number, run: () => void | Promise<void>): Cancel
}
