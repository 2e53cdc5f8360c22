import { ANONYMOUS } from './event.ts'
import type { JsonObject } from './json.ts'
import type { Purpose } from './plugin/plugin.ts'

/**
 * Everything known of one user, as the engine needs it: plain JSON, so that a snapshot is `JSON.stringify` of it. A step makes a
 * new one and shares what has not changed. What conditions remember stands in `pages` and `lists`, laid out by the
 * engine of one definition (engine/layout.ts): ask the engine, not the cells.
 */
export interface Profile {
  readonly id: string
  /** Where it is not the profile's own name: see `userIdOf`. */
  readonly userId?: string | undefined
  readonly traits: JsonObject
  readonly consent: Readonly<Partial<Record<Purpose, 'granted' | 'denied'>>>
  /** IANA name, from `context.timezone`. */
  readonly timezone?: string | undefined
  /** Message id of the newest input: with its moment, what later events are held against. */
  readonly tie: string
  /** Numbers; null is a page on which nothing has happened yet. */
  readonly pages: readonly (readonly number[] | null)[]
  /** Lists of the conditions that need one, by the number the layout gave them. */
  readonly lists: readonly (readonly (number | string)[] | null)[]
  /** Sends that a cap or limit may still count, and the newest of each rule, oldest first. */
  readonly sends: readonly Send[]
}

/** What a rebuild takes over from what the profile was before. */
export interface Past {
  readonly asOf: Position
  readonly memberships: Readonly<Record<string, Membership>>
  readonly rules: Readonly<Record<string, RuleStanding>>
  readonly sends: readonly Send[]
}

/** Events are ordered by time, ties by message id. */
export interface Position {
  readonly at: number
  readonly tie: string
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
  /** Since when the rule was true that it was sent for: once for each time. */
  readonly since: number
  readonly at: number
  /** It did not reach the user: it is not sent again for the same time, but caps and limits do not count it. */
  readonly undelivered?: true
}

/** The profile once a send of the rule, decided on at `at`, has turned out not to reach its user. */
export function withUndelivered<P extends Pick<Profile, 'sends'>>(profile: P, { rule, at }: Pick<Send, 'rule' | 'at'>): P {
  return { ...profile, sends: profile.sends.map((send) => (send.rule === rule && send.at === at ? { ...send, undelivered: true } : send)) }
}

/** The user's id, of a profile that is not a visitor's: where no other is known it is the profile's own name. */
export function userIdOf({ id, userId }: Pick<Profile, 'id' | 'userId'>): string | undefined {
  return userId ?? (id.startsWith(ANONYMOUS) ? undefined : id)
}

export function before(a: Position, b: Position): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie)
}
