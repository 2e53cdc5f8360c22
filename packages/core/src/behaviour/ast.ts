import type { Json } from '../json.ts'

/**
 * A condition is data: plain JSON that the evaluator, the English reading, the explanation and the SQL readings all read.
 * Every length of time is in milliseconds. Windows are half-open: an event at `ts` is in a window of length W at every
 * moment t with ts <= t < ts + W, and in a window after an anchor at `a` when a <= ts < a + W.
 */
export type Condition = All | Any | Not | Holding | Predicate | Otherwise

/** A condition without conditions inside: what the engine keeps state for. */
export type Predicate = Did | Sequence | Occurrence | Inactive | TraitIs | InSegment

export interface All {
  readonly kind: 'all'
  readonly of: readonly Condition[]
}
export interface Any {
  readonly kind: 'any'
  readonly of: readonly Condition[]
}
export interface Not {
  readonly kind: 'not'
  readonly of: Condition
}

/**
 * True from the moment `from` is true until the moment `until` is: two thresholds instead of one, so that nobody flaps in and
 * out. While `until` is true it is false, whatever `from` says; otherwise, while it does not hold, it is unknown where `from` is.
 */
export interface Holding {
  readonly kind: 'holding'
  readonly from: Condition
  readonly until: Condition
}

export type Operator = 'eq' | 'ne' | 'in' | 'gt' | 'gte' | 'lt' | 'lte' | 'exists' | 'contains'

/** A test of one property or trait. A property that is missing or null passes only `exists: false` and `ne`. */
export interface PropertyTest {
  readonly property: string
  readonly is: Operator
  readonly value: Json
}

/** The name that stands for any activity: every track, page and screen event. */
export const ANY_ACTIVITY = '*'

/** A track event by name, or any activity under `*`, all of whose tests pass. */
export interface EventMatch {
  readonly event: string
  readonly where: readonly PropertyTest[]
}

/**
 * What is measured of the matching events: how many, how many different values of a property, the sum of a number (exact, to
 * six decimals), or in how many different sessions or UTC days they fall.
 */
export type Measure =
  | { readonly of: 'count' | 'sessions' | 'days' }
  | { readonly of: 'distinct'; readonly property: string }
  | { readonly of: 'sum'; readonly property: string }

/** How much of something was done, over all time, over a sliding window, or in the window that an anchor opens. */
export interface Did extends EventMatch {
  readonly kind: 'did'
  readonly measure: Measure
  readonly compare: 'atLeast' | 'atMost'
  readonly value: number
  /** The matching events must also fall in this many different sessions, and UTC days; goes with `atLeast`. */
  readonly across?: { readonly sessions?: number; readonly days?: number }
  readonly window?: Window
}

export interface Window {
  readonly length: number
  /**
   * Without an anchor the window slides with time. With an event as anchor it opens at the first such event and closes `length`
   * later; with `firstSeen` it opens at the profile's first event of any kind.
   */
  readonly anchor?: EventMatch | 'firstSeen'
}

/** The steps in this order, other events allowed between; one event fills one step. True from the last step on, for good. */
export interface Sequence {
  readonly kind: 'sequence'
  readonly steps: readonly EventMatch[]
  /** From the first step to the last, less than this. */
  readonly within?: number
  /** What must not happen between step `after` (counted from 0) and the next one. The steps' own events are not between. */
  readonly without?: readonly (EventMatch & { readonly after: number })[]
}

/** A test of the first or of the newest such event, ordered by time and message id; false while there is none. */
export interface Occurrence {
  readonly kind: 'occurrence'
  readonly which: 'first' | 'last'
  readonly match: EventMatch
  readonly test: PropertyTest
}

/** No track, page or screen event for this long. Unknown before the first one. */
export interface Inactive {
  readonly kind: 'inactive'
  readonly for: number
}

export interface TraitIs {
  readonly kind: 'trait'
  readonly test: PropertyTest
}

/** Unknown while the segment has not settled on a member. */
export interface InSegment {
  readonly kind: 'inSegment'
  readonly segment: string
  readonly member: string
  /** A member for at least this long. */
  readonly for?: number
}

/** The last member of an exhaustive segment: true when every other member is known to be false. */
export interface Otherwise {
  readonly kind: 'otherwise'
}
