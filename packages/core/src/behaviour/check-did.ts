import { isObject } from '../json.ts'
import type { Plan } from '../plan/plan.ts'
import type { Shape } from '../plan/shape.ts'
import { at, expectObject, type Report, show } from '../problem.ts'
import { checkMatch, checkProperty, eventShape } from './check-match.ts'

/** A profile keeps every value it has to tell apart, so there is a most. */
const MOST_DISTINCT = 1_000
/** A profile keeps the moment of every event that a sliding window may still count, so there is a most. */
const MOST_IN_WINDOW = 10_000

export function checkDid(did: Record<string, unknown>, plan: Plan | undefined, place: string, report: Report): void {
  checkMatch(did, plan, place, report)
  const { compare, window, across } = did
  if (compare !== 'atLeast' && compare !== 'atMost') report(at(place, 'compare'), `${show(compare)} is not a comparison`, "use 'atLeast' or 'atMost'")
  checkAmount(did, place, report, eventShape(did['event'], plan))
  if (across !== undefined) checkAcross(across, compare, at(place, 'across'), report)
  if (window === undefined || !expectObject(window, at(place, 'window'), 'write { length } in milliseconds', report)) return
  checkLength(window['length'], at(place, 'window.length'), report)
  const anchor = window['anchor']
  if (anchor !== undefined && expectObject(anchor, at(place, 'window.anchor'), 'write { event, where }', report))
    checkMatch(anchor, plan, at(place, 'window.anchor'), report)
}

function checkAmount(did: Record<string, unknown>, place: string, report: Report, shape: Shape | undefined): void {
  const { measure, compare, value, window } = did
  if (!expectObject(measure, at(place, 'measure'), "write { of: 'count' }", report)) return
  const of = measure['of']
  if (of !== 'count' && of !== 'distinct' && of !== 'sum') {
    report(at(place, 'measure.of'), `${show(of)} is not a measure`, "use 'count', 'distinct' or 'sum'")
    return
  }
  const property = measure['property']
  if (of !== 'count' && (typeof property !== 'string' || property === ''))
    report(at(place, 'measure.property'), `expected a name, found ${show(property)}`, 'name a property')
  if (of !== 'count' && typeof property === 'string') checkProperty(property, shape, at(place, 'measure.property'), report)
  const type = shape?.get(String(property))
  if (of === 'sum' && type !== undefined && type !== 'number')
    report(at(place, 'measure.property'), `'${String(property)}' is a ${type} and adds up to nothing`, 'name a property that is a number')
  const amount = at(place, 'value')
  if (of === 'sum') {
    if (!Number.isFinite(value)) report(amount, `${show(value)} is not a finite number`, 'compare the sum with a finite number')
    return
  }
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    report(amount, `${show(value)} is not a count`, 'write a whole number: 1 or more for at least, 0 or more for at most')
  } else if (value === 0 && compare === 'atLeast') {
    report(amount, 'at least 0 is true of everybody', 'write atLeast(1), or never() for not at all')
  } else if (of === 'distinct' && (value as number) > MOST_DISTINCT) {
    report(
      amount,
      `${value} different values are more than a profile keeps`,
      `write ${MOST_DISTINCT} or less: state is bounded, and each value has to be remembered`,
    )
  } else if (isObject(window) && window['anchor'] === undefined && (value as number) > MOST_IN_WINDOW) {
    report(
      amount,
      `${value} events in a sliding window are more than a profile keeps`,
      `write ${MOST_IN_WINDOW} or less, or leave the window out: state is bounded, and each moment has to be remembered`,
    )
  }
}

function checkAcross(across: unknown, compare: unknown, place: string, report: Report): void {
  if (!expectObject(across, place, "write { count: 2, unit: 'sessions' }", report)) return
  const { count, unit } = across
  if (compare === 'atMost') report(place, 'a most has nothing to spread', 'leave it out, or compare with at least')
  if (unit !== 'sessions' && unit !== 'days') report(at(place, 'unit'), `${show(unit)} is not a unit`, "use 'sessions' or 'days'")
  if (!Number.isSafeInteger(count) || (count as number) < 2) {
    report(
      at(place, 'count'),
      count === 1 ? 'every event falls in one: this says nothing' : `${show(count)} is not a number of sessions or days`,
      'write 2 or more, or leave it out',
    )
  } else if ((count as number) > MOST_DISTINCT)
    report(at(place, 'count'), `${count} are more than a profile keeps`, `write ${MOST_DISTINCT} or less: state is bounded`)
}

/** A length of time in an AST: milliseconds. */
export function checkLength(length: unknown, place: string, report: Report): void {
  if (Number.isSafeInteger(length) && (length as number) > 0) return
  report(
    place,
    length === 0 ? 'a window of no length holds nothing' : `${show(length)} is not a length of time`,
    "write whole milliseconds, more than 0; the plan's builder makes them of '48h'",
  )
}
