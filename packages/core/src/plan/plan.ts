import type { Schema } from '../schema.ts'

/** The tracking plan as data: which events there are, and what they and the traits look like. */
export interface Plan {
  readonly events: Readonly<Record<string, Schema>>
  readonly traits: Schema
}
