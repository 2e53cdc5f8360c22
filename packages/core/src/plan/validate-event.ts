import type { CanonicalEvent, Parsed } from '../event.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { Schema, SchemaIssue } from '../schema.ts'
import { BUILT_IN_EVENTS } from './built-in-events.ts'
import { applyOutput, NotJson } from './output.ts'
import type { Plan } from './plan.ts'
import { didYouMean } from './suggest.ts'

/**
 * Holds an event to the plan. A track event comes back with what its schema yields, defaults and coercions applied,
 * over what was sent: properties that the schema does not name are kept. The result is plain JSON; it is the event
 * itself where the schema changes nothing. A reason names the property; nothing is thrown.
 */
export function validateEvent(plan: Plan, event: CanonicalEvent): Parsed<CanonicalEvent> {
  const { timestamp, receivedAt } = event
  if (!isMoment(timestamp)) return fail(`timestamp: ${String(timestamp)} is not a moment in whole epoch milliseconds`)
  if (!isMoment(receivedAt)) return fail(`receivedAt: ${String(receivedAt)} is not a moment in whole epoch milliseconds`)
  if (event.type === 'track') return validateTrack(plan, event)
  return event.type === 'identify' ? validateIdentify(plan, event) : { ok: true, value: event }
}

/** The furthest a date can be from 1970, either way, in milliseconds. */
const FURTHEST = 8.64e15

function isMoment(time: number): boolean {
  return Number.isInteger(time) && Math.abs(time) <= FURTHEST
}

function validateTrack(plan: Plan, event: CanonicalEvent): Parsed<CanonicalEvent> {
  const name = event.event ?? ''
  const schema = Object.hasOwn(plan.events, name) ? plan.events[name] : undefined
  if (schema === undefined) {
    if (BUILT_IN_EVENTS.has(name)) return { ok: true, value: event }
    return fail(`${name}: the plan has no such event.${didYouMean(name, Object.keys(plan.events))}`)
  }
  return apply(schema, event, 'properties', name)
}

/**
 * A call carries only the traits that have changed. Issues with traits it does not carry are no fault of it, and
 * defaults for those must not overwrite what is known of the user.
 */
function validateIdentify(plan: Plan, event: CanonicalEvent): Parsed<CanonicalEvent> {
  for (const _ in event.traits) return apply(plan.traits, event, 'traits', 'identify')
  return { ok: true, value: event }
}

function apply(schema: Schema, event: CanonicalEvent, field: 'properties' | 'traits', name: string): Parsed<CanonicalEvent> {
  const raw = event[field]
  const partial = field === 'traits'
  try {
    const result = schema['~standard'].validate(raw)
    if (result instanceof Promise) {
      // Its outcome no longer matters, and must not surface as an unhandled rejection. zod answers with a promise also when
      // a transform throws, so this may be one event's doing: it must not take down those that came with it.
      result.catch(() => undefined)
      return fail(`${name}.${field}: its schema is asynchronous or threw; schemas of a plan answer at once`)
    }
    if (result.issues !== undefined) {
      const issues = partial ? result.issues.filter((issue) => concerns(issue, raw)) : result.issues
      return issues.length === 0 ? { ok: true, value: event } : fail(reasonOf(issues, `${name}.${field}`))
    }
    if (!isObject(result.value)) return fail(`${name}.${field}: its schema does not yield an object`)
    const output = applyOutput(raw, result.value, partial)
    return { ok: true, value: output === raw ? event : { ...event, [field]: output } }
  } catch (error) {
    return fail(
      error instanceof NotJson
        ? `${name}.${field}.${error.message}`
        : `${name}.${field}: its schema threw: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function concerns(issue: SchemaIssue, traits: JsonObject): boolean {
  const first = issue.path?.[0]
  return first === undefined || Object.hasOwn(traits, keyOf(first))
}

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): PropertyKey {
  return typeof part === 'object' ? part.key : part
}

const MOST_ISSUES = 3

function reasonOf(issues: readonly SchemaIssue[], place: string): string {
  const shown = issues.slice(0, MOST_ISSUES).map(({ path = [], message }) => `${place}${path.map(pathPart).join('')}: ${message}`)
  const left = issues.length - shown.length
  return shown.join('; ') + (left > 0 ? `; and ${left} more` : '')
}

function pathPart(part: PropertyKey | { readonly key: PropertyKey }): string {
  const key = keyOf(part)
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`
}

function fail(reason: string): { ok: false; reason: string } {
  return { ok: false, reason }
}
