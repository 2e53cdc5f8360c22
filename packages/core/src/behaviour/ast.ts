import type { Json } from '../json.ts'

/**
 * A condition is data: plain JSON that the evaluator, the English reading, the explanation and the SQL readings all read.
 * Every length of time is in milliseconds. Windows are half-open: an event at `ts` is in a window of length W at every
 * moment t with ts <= t < ts + W, and in a window after an anchor at `a` when a <= ts < a + W.
 */
export type Condition = All | Any | Not | Did | Sequence | Inactive | TraitIs | InSegment | Otherwise

/** A condition without conditions inside: what the engine keeps state for. */
export type Predicate = Did | Sequence | Inactive | TraitIs | InSegment

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

export type Operator = 'eq' | 'ne' | 'in' | 'gt' | 'gte' | 'lt' | 'lte' | 'exists' | 'contains'

/** A test of one property or trait. A property that is missing or null passes only `exists: false` and `ne`. */
export interface PropertyTest {
  readonly property: string
  readonly is: Operator
  readonly value: Json
}

/** A track event by name, all of whose tests pass. */
export interface EventMatch {
  readonly event: string
  readonly where: readonly PropertyTest[]
}

/** How much of something was done, over all time, over a sliding window, or in the window that an anchor opens. */
export interface Did extends EventMatch {
  readonly kind: 'did'
  readonly measure: { readonly of: 'count' } | { readonly of: 'distinct'; readonly property: string } | { readonly of: 'sum'; readonly property: string }
  readonly compare: 'atLeast' | 'atMost'
  readonly value: number
  /** The matching events must also fall in this many sessions or UTC days; goes with `atLeast`. */
  readonly across?: { readonly count: number; readonly unit: 'sessions' | 'days' }
  readonly window?: Window
}

export interface Window {
  readonly length: number
  /** Without an anchor the window slides with time. With one it opens at the first such event and closes `length` later. */
  readonly anchor?: EventMatch
}

/** The steps in this order, other events allowed between; one event fills one step. True from the last step on, for good. */
export interface Sequence {
  readonly kind: 'sequence'
  readonly steps: readonly EventMatch[]
  /** From the first step to the last, less than this. */
  readonly within?: number
}

/** No track, page or screen event for this long. */
export interface Inactive {
  readonly kind: 'inactive'
  readonly for: number
}

export interface TraitIs {
  readonly kind: 'trait'
  readonly test: PropertyTest
}

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
