import { isObject } from '../json.ts'
import { BUILT_IN_EVENTS } from '../plan/built-in-events.ts'
import type { Plan } from '../plan/plan.ts'
import { type Shape, shapeOf } from '../plan/shape.ts'
import { didYouMean } from '../plan/suggest.ts'
import { at, expectKnownFields, expectObject, listed, type Report, show } from '../problem.ts'
import { ANY_ACTIVITY } from './ast.ts'
import { OPERATORS } from './where.ts'

/** An event that the plan knows, or any activity, and tests that can be true of it, as far as its schema can say. */
export function checkMatch(match: Record<string, unknown>, plan: Plan | undefined, place: string, report: Report): void {
  const { event, where } = match
  if (typeof event !== 'string' || event === '') report(at(place, 'event'), `expected the name of an event, found ${show(event)}`, 'name an event of the plan')
  else if (plan !== undefined && event !== ANY_ACTIVITY && !Object.hasOwn(plan.events, event) && !BUILT_IN_EVENTS.has(event)) {
    const known = Object.keys(plan.events)
    report(
      at(place, 'event'),
      `the plan has no event '${event}'.${didYouMean(event, [...known, ...BUILT_IN_EVENTS])}`,
      `add '${event}' to the plan's events, or name one that is there`,
    )
  }
  if (!Array.isArray(where)) report(at(place, 'where'), `expected a list of tests, found ${show(where)}`, 'write [] for no tests')
  else for (const [index, test] of where.entries()) checkTest(test, `${at(place, 'where')}[${index}]`, report, eventShape(event, plan))
}

/** What an event of the plan looks like; undefined where that is not known. */
export function eventShape(event: unknown, plan: Plan | undefined): Shape | undefined {
  return plan !== undefined && typeof event === 'string' && Object.hasOwn(plan.events, event) ? shapeOf(plan.events[event]) : undefined
}

/** Reports a property that is not there. A dotted path is looked up by its first part. */
export function checkProperty(property: string, shape: Shape | undefined, place: string, report: Report): void {
  if (shape === undefined || shape.has(property) || shape.has(property.split('.')[0] as string)) return
  const known = [...shape.keys()]
  report(place, `there is no '${property}'.${didYouMean(property, known)}`, known.length === 0 ? 'it has no properties' : `it has ${listed(known)}`)
}

export function checkTest(test: unknown, place: string, report: Report, shape?: Shape): void {
  if (!expectObject(test, place, "write for example { property: 'plan', is: 'eq', value: 'pro' }", report)) return
  const { property, is, value } = test
  expectKnownFields(test, ['property', 'is', 'value'], place, report)
  if (typeof property !== 'string' || property === '') report(at(place, 'property'), `expected a name, found ${show(property)}`, 'name a property')
  else checkProperty(property, shape, at(place, 'property'), report)
  const operand = at(place, 'value')
  const type = typeof property === 'string' ? shape?.get(property) : undefined
  if (type !== undefined && !isOfType(is, value, type)) {
    report(operand, `${show(value)} is never compared with a ${type}: '${String(property)}' is one`, `write a ${type}`)
    return
  }
  switch (is) {
    case 'eq':
      if (value === null || !isJson(value))
        report(operand, `nothing equals ${show(value)}`, "write a value that JSON can hold, or is: 'exists' with false for a missing one")
      return
    case 'ne':
    case 'contains':
      if (!isJson(value)) report(operand, `JSON cannot hold ${show(value)}`, 'write a text, a number or a boolean')
      return
    case 'in':
      if (!Array.isArray(value) || value.length === 0 || !value.every(isJson))
        report(operand, 'expected a list with at least one value', "write for example ['free', 'pro']")
      return
    case 'exists':
      if (typeof value !== 'boolean') report(operand, `expected true or false, found ${show(value)}`, 'write true, or false for a property that is missing')
      return
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      if (typeof value !== 'string' && !Number.isFinite(value))
        report(operand, `${show(value)} has no order`, 'compare with a number, a text or an ISO 8601 date')
      return
    default:
      report(at(place, 'is'), `${show(is)} is not an operator.${typeof is === 'string' ? didYouMean(is, OPERATORS) : ''}`, `use ${listed(OPERATORS)}`)
  }
}

/** A hundred years: with it, every moment that is reckoned from an event's own is one that a date can name. */
const LONGEST = 36_525 * 86_400_000

/** A length of time in an AST: milliseconds. */
export function checkLength(length: unknown, place: string, report: Report): void {
  if (Number.isSafeInteger(length) && (length as number) > 0 && (length as number) <= LONGEST) return
  const whole = "write whole milliseconds, more than 0; the plan's builder makes them of '48h'"
  if (length === 0) report(place, 'a window of no length holds nothing', whole)
  else if (typeof length === 'number' && length > LONGEST) report(place, 'a window of more than a hundred years ends for nobody', 'leave the window out')
  else report(place, `${show(length)} is not a length of time`, whole)
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  if (isObject(value)) return Object.values(value).every((item) => item === undefined || isJson(item))
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}

/** Whether an operand can be met by a property of a type. Only scalars are looked at. */
function isOfType(operator: unknown, value: unknown, type: string): boolean {
  if (!['string', 'number', 'boolean'].includes(type)) return true
  if (operator === 'in') return !Array.isArray(value) || value.every((one) => typeof one === type)
  if (operator === 'eq' || operator === 'gt' || operator === 'gte' || operator === 'lt' || operator === 'lte') return typeof value === type
  return true
}
