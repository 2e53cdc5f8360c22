import type { Condition } from './behaviour/ast.ts'

/** A set of members of which a user is in at most one: the first that is true, in this order. */
export interface Segment {
  readonly id: string
  /** Member name and condition; an `otherwise` stands last and makes the segment exhaustive. */
  readonly members: readonly { readonly name: string; readonly when: Condition }[]
}
