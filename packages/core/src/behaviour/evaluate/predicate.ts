import type { CanonicalEvent } from '../../event.ts'
import type { JsonObject } from '../../json.ts'
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

/** What a profile knows besides what its predicates remember. */
export interface Facts {
  /** Begins with `FIRST_SEEN` and `LAST_ACTIVE`. */
  readonly header: readonly number[]
  readonly traits: JsonObject
}

/** Place in the header of the moment the profile was first seen at; `NONE` before that. */
export const FIRST_SEEN = 0
/** Place in the header of the moment of the newest activity; `NONE` before the first. */
export const LAST_ACTIVE = 1

/** What a predicate hears of: events by name, every activity, or what is said of the user. */
export type Trigger = { readonly events: readonly string[] } | 'activity' | 'traits'

/** A list whose length no cell can hold: moments, amounts or values. Replaced, never changed, but for `append` of buffer.ts. */
export type List = readonly (number | string)[]
/** By number; null where nothing has happened yet. */
export type Lists = readonly (List | null)[]

/** Where a predicate keeps what it remembers. */
export interface Home {
  /** The first of its cells. */
  readonly cell: number
  /** The first of its lists. */
  readonly list: number
  /** The cell in which it notes when time alone may next change its truth; `NEVER` if it cannot. Only for those that are timed. */
  readonly timer: number
}

/**
 * A predicate made ready, before it has a place: how many cells and lists it needs, and how it reads them once it has them.
 * What it keeps is bounded as its file says.
 */
export interface Blueprint {
  /** Its cells when nothing has happened yet. */
  readonly fresh: readonly number[]
  /** How many lists it keeps. */
  readonly lists: number
  readonly hears: Trigger
  /** Its truth before anything happened. */
  readonly initial: Truth
  /** Whether being seen for the first time already changes something, or sets a timer. */
  readonly isEager: boolean
  /** Whether time alone can change it. */
  readonly isTimed: boolean
  at(home: Home): Evaluator
}

/** The live reading of one predicate over its cells and lists: no clock, no memory of its own. */
export interface Evaluator {
  /** Takes in an event of those it hears; whether that was any concern of it. */
  observe(cells: number[], lists: (List | null)[], observation: Observation, facts: Facts): boolean
  /** Its truth, at a moment no earlier than the newest event; and notes in its timer when it is to be read again. */
  read(cells: number[], lists: Lists, at: number, facts: Facts): Truth
  /** How much of what is counted there is, up to what is kept; undefined where nothing is counted. */
  value(cells: readonly number[], lists: Lists, at: number, facts: Facts): number | undefined
}
