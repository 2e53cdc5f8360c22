import type { CanonicalEvent } from '../../event.ts'
import type { Profile } from '../../profile.ts'
import type { Truth } from '../truth.ts'

/** One event as a predicate sees it. Events arrive in order of time, ties by message id. */
export interface Observation {
  readonly event: CanonicalEvent
  readonly at: number
  /** Ordinal of the session it falls in. */
  readonly session: number
  /** UTC day, in days since the epoch. */
  readonly day: number
}

/** What a predicate hears of. */
export type Trigger = { readonly events: readonly string[] } | 'activity' | 'traits' | { readonly segment: string }

/**
 * The live reading of one predicate. Pure: `observe` returns the state it was given when the event changes nothing.
 * States are plain JSON and bounded as their files say.
 */
export interface Evaluator<State = unknown> {
  readonly hears: Trigger
  observe(state: State | null, observation: Observation): State | null
  truth(state: State | null, at: number, profile: Profile): Truth
  /** The first moment after `at` when time alone may change the truth. */
  next(state: State | null, at: number, profile: Profile): number | undefined
  /** How much of what is counted there is, up to what the state keeps. */
  value(state: State | null, at: number, profile: Profile): number | undefined
}
