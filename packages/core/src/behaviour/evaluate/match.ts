import { type CanonicalEvent, isActivity } from '../../event.ts'
import { isObject, type Json, type JsonObject } from '../../json.ts'
import { ANY_ACTIVITY, type EventMatch, type PropertyTest } from '../ast.ts'
import type { Trigger } from './predicate.ts'

/** Reads a property by its name, or by a dotted path where no property has that very name. Own properties only. */
export function propertyOf(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name]
  if (!name.includes('.')) return undefined
  let value: unknown = object
  for (const part of name.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined
    value = value[part]
  }
  return value as Json | undefined
}

export function compileMatch(match: EventMatch): (event: CanonicalEvent) => boolean {
  const { event: name, where } = match
  const isNamed = name === ANY_ACTIVITY ? isActivity : (event: CanonicalEvent) => event.event === name
  if (where.length === 0) return isNamed
  const passes = compileWhere(where)
  return (event) => isNamed(event) && passes(event)
}

/** The tests alone, for what hears of no other events than those of one name. */
export function compileWhere(where: readonly PropertyTest[]): (event: CanonicalEvent) => boolean {
  const tests = where.map(compileTest)
  const [test] = tests
  if (test === undefined) return () => true
  return tests.length === 1 ? (event) => test(event.properties) : (event) => tests.every((each) => each(event.properties))
}

/** What has to be heard to see every event that one of these could match. */
export function triggerOf(matches: readonly EventMatch[]): Trigger {
  const events = new Set(matches.map(({ event }) => event))
  return events.has(ANY_ACTIVITY) ? 'activity' : { events: [...events] }
}

export function compileTest(test: PropertyTest): (object: JsonObject) => boolean {
  const passes = compare(test)
  const { property } = test
  return (object) => passes(propertyOf(object, property) ?? null)
}

function compare({ is, value: operand }: PropertyTest): (value: Json) => boolean {
  switch (is) {
    case 'eq':
      return (value) => value !== null && same(value, operand)
    case 'ne':
      return (value) => !same(value, operand)
    case 'in':
      return (value) => value !== null && (operand as readonly Json[]).some((one) => same(value, one))
    case 'exists':
      return (value) => (value !== null) === operand
    case 'contains':
      return (value) =>
        typeof value === 'string' ? typeof operand === 'string' && value.includes(operand) : Array.isArray(value) && value.some((one) => same(one, operand))
    case 'gt':
      return (value) => order(value, operand) > 0
    case 'gte':
      return (value) => order(value, operand) >= 0
    case 'lt':
      return (value) => order(value, operand) < 0
    case 'lte':
      return (value) => order(value, operand) <= 0
  }
}

function same(a: Json, b: Json): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
}

/** Numbers with numbers, strings with strings (so ISO dates compare as times do); anything else has no order and passes no comparison. */
function order(value: Json, operand: Json): number {
  if (typeof value === 'number' && typeof operand === 'number') return value - operand
  if (typeof value === 'string' && typeof operand === 'string') return value < operand ? -1 : value > operand ? 1 : 0
  return Number.NaN
}
