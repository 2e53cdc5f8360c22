import type { Out, Schema } from '../schema.ts'
import type { BuiltInEvents } from './built-in-events.ts'

/** The tracking plan as data: which events there are, and what they and the traits look like. */
export interface Plan {
  readonly events: Readonly<Record<string, Schema>>
  readonly traits: Schema
}

/** Event names with the schemas of their properties. */
export type Events = Readonly<Record<string, Schema<unknown, object>>>

/** An event's properties as they are kept, defaults and coercions applied. */
export type PropertiesOf<E extends Events, Name> = Name extends keyof E ? Out<E[Name]> : Name extends keyof BuiltInEvents ? BuiltInEvents[Name] : never
