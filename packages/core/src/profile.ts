import type { JsonObject } from './json.ts'
import type { Purpose } from './plugin/plugin.ts'

/**
 * Everything known of one user, as the engine needs it: plain JSON, so that a snapshot is `JSON.stringify` of it.
 * Never changed in place: a step copies what it changes and shares the rest.
 */
export interface Profile {
  readonly id: string
  readonly userId?: string
  readonly traits: JsonObject
  readonly consent: Readonly<Partial<Record<Purpose, 'granted' | 'denied'>>>
  /** IANA name, from `context.timezone`. */
  readonly timezone?: string
  readonly firstSeenAt: number
  /** Of the newest activity (track, page, screen). */
  readonly lastActiveAt?: number
  /** Ordinal of the session that activity fell in; 0 before the first. */
  readonly session: number
  /** The newest input applied; an event that sorts before it is late. */
  readonly asOf: Position
  /** One state per predicate, by its index in the engine; null where nothing has happened yet. */
  readonly states: readonly unknown[]
  /** The truth of each predicate, by its index, since the newest input; good until the next timer. */
  readonly truths: readonly number[]
  /** What time alone will change: the next moment of each predicate that waits for one. */
  readonly timers: readonly Timer[]
  readonly memberships: Readonly<Record<string, Membership>>
  readonly rules: Readonly<Record<string, RuleStanding>>
  /** Sends that a cap or limit may still count, oldest first. */
  readonly sends: readonly Send[]
}

/** What a rebuild takes over from what the profile was before. */
export type Past = Pick<Profile, 'asOf' | 'memberships' | 'rules' | 'sends'>

/** Events are ordered by time, ties by message id. */
export interface Position {
  readonly at: number
  readonly tie: string
}

export interface Timer {
  readonly at: number
  readonly predicate: number
}

export interface Membership {
  readonly member: string
  readonly since: number
}

/** A rule whose condition is true now. */
export interface RuleStanding {
  readonly since: number
  /** Held back by a guard until then. */
  readonly retryAt?: number
}

export interface Send {
  readonly rule: string
  readonly channel: string
  readonly at: number
}

export function before(a: Position, b: Position): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie)
}
