import { fingerprint } from '../hash.ts'
import type { Plan } from './plan.ts'
import { jsonSchemaOf } from './shape.ts'

/** Asking schemas for their JSON Schema takes a while, and a plan does not change. */
const known = new WeakMap<Plan, string>()

/**
 * Names a plan: another once an event is added, taken away, or takes other properties. Of a schema that cannot say what it takes
 * (no JSON Schema) only the event's name counts, and a check that JSON Schema does not know, such as a `refine`, does not.
 */
export function planFingerprint(plan: Plan): string {
  const name = known.get(plan) ?? nameOf(plan)
  known.set(plan, name)
  return name
}

function nameOf(plan: Plan): string {
  const events = Object.keys(plan.events)
    .sort()
    .map((name) => [name, jsonSchemaOf(plan.events[name])])
  return fingerprint(JSON.stringify([events, jsonSchemaOf(plan.traits)]))
}
