import { type Duration, milliseconds } from './duration.ts'

/** What becomes of moments that passed while no host was running, or that one could not keep up with. */
export interface TimerPolicy {
  /** How many profiles that something is overdue for are taken up in a second, beside the events that come in. Default 4000: a million in some four minutes. */
  readonly drainPerSecond?: number
  /** What time alone brings about sends nothing when its moment lies further back than this; memberships change all the same. Default `24h`. */
  readonly staleAfter?: Duration
}

/** Defaults applied, `staleAfter` in milliseconds. */
export interface TimerBounds {
  readonly drainPerSecond: number
  readonly staleAfter: number
}

export function timerBounds({ drainPerSecond = 4_000, staleAfter = '24h' }: TimerPolicy = {}): TimerBounds {
  return { drainPerSecond, staleAfter: milliseconds(staleAfter) }
}
