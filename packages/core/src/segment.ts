import type { Condition } from './behaviour/ast.ts'

/** A set of members of which a user is in at most one: the first that is true, in this order. */
export interface Segment {
  readonly id: string
  /** Member name and condition; an `otherwise` stands last and makes the segment exhaustive. */
  readonly members: readonly { readonly name: string; readonly when: Condition }[]
}

/** A segment whose members the compiler knows, and the events of the plan it was written over. */
export interface TypedSegment<Member extends string, Events = unknown> extends Segment {
  readonly members: readonly { readonly name: Member; readonly when: Condition }[]
  /** For the compiler only, never there: keeps the segments of different plans apart. */
  readonly '~events'?: (events: Events) => Events
}
