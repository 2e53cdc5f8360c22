import { isObject } from '../json.ts'
import type { Plan } from '../plan/plan.ts'
import type { Shape } from '../plan/shape.ts'
import { at, expectKnownFields, expectObject, type Report, show } from '../problem.ts'
import { ANY_ACTIVITY } from './ast.ts'
import { checkLength, checkMatch, checkProperty, eventShape } from './check-match.ts'

/** A profile keeps every value it has to tell apart, so there is a most. */
const MOST_DISTINCT = 1_000
/** A profile keeps the moment of every event that a sliding window may still count, so there is a most. */
const MOST_IN_WINDOW = 10_000
const MEASURES = ['count', 'sessions', 'days', 'distinct', 'sum']

export function checkDid(did: Record<string, unknown>, plan: Plan | undefined, place: string, report: Report): void {
  checkMatch(did, plan, place, report)
  const { compare, window, across, measure } = did
  if (compare !== 'atLeast' && compare !== 'atMost') report(at(place, 'compare'), `${show(compare)} is not a comparison`, "use 'atLeast' or 'atMost'")
  if (expectObject(measure, at(place, 'measure'), "write { of: 'count' }", report)) {
    if (checkMeasure(measure, did['event'], at(place, 'measure'), report, eventShape(did['event'], plan))) checkAmount(did, measure['of'], place, report)
    if (across !== undefined) checkAcross(across, compare, measure['of'], at(place, 'across'), report)
  }
  if (window !== undefined) checkWindow(window, plan, at(place, 'window'), report)
}

/** Whether it says what is measured, well or not. */
function checkMeasure(measure: Record<string, unknown>, event: unknown, place: string, report: Report, shape: Shape | undefined): boolean {
  const { of, property } = measure
  if (typeof of !== 'string' || !MEASURES.includes(of)) {
    report(at(place, 'of'), `${show(of)} is not a measure`, "use 'count', 'sessions', 'days', 'distinct' or 'sum'")
    return false
  }
  const isOfProperty = of === 'distinct' || of === 'sum'
  expectKnownFields(measure, isOfProperty ? ['of', 'property'] : ['of'], place, report)
  if (!isOfProperty) return true
  if (event === ANY_ACTIVITY)
    report(at(place, 'of'), 'activities of all kinds have no property in common', 'name an event, or measure the count, sessions or days')
  const there = at(place, 'property')
  if (typeof property !== 'string' || property === '') {
    report(there, `expected a name, found ${show(property)}`, 'name a property')
    return true
  }
  checkProperty(property, shape, there, report)
  const type = shape?.get(property)
  if (of === 'sum' && type !== undefined && type !== 'number')
    report(there, `'${property}' is a ${type} and adds up to nothing`, 'name a property that is a number')
  return true
}

function checkAmount({ compare, value, window }: Record<string, unknown>, of: unknown, place: string, report: Report): void {
  const amount = at(place, 'value')
  const slides = isObject(window) && window['anchor'] === undefined
  if (of === 'sum') {
    if (typeof value !== 'number' || !Number.isFinite(value)) report(amount, `${show(value)} is not a finite number`, 'compare the sum with a finite number')
    else if (Math.abs(value) > Number.MAX_SAFE_INTEGER || Number(value.toFixed(6)) !== value)
      report(amount, `no sum is ${value}: sums are exact to six decimals, up to ${Number.MAX_SAFE_INTEGER}`, 'write a number with at most six decimals')
    if (compare === 'atMost' && window !== undefined && !slides)
      report(at(place, 'compare'), 'a sum goes up and down, so a most is not settled before the window closes', 'write not(….atLeast(…)) for less than that')
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
  } else if (slides && (value as number) > MOST_IN_WINDOW) {
    report(
      amount,
      `${value} ${of === 'count' ? 'events' : of} in a sliding window are more than a profile keeps`,
      `write ${MOST_IN_WINDOW} or less, or leave the window out: state is bounded, and each moment has to be remembered`,
    )
  }
}

function checkAcross(across: unknown, compare: unknown, measured: unknown, place: string, report: Report): void {
  if (!expectObject(across, place, 'write { sessions: 2 }, { days: 2 } or both', report)) return
  expectKnownFields(across, ['sessions', 'days'], place, report)
  if (compare === 'atMost') report(place, 'a most has nothing to spread', 'leave it out, or compare with at least')
  const { sessions, days } = across
  if (sessions === undefined && days === undefined) report(place, 'it names neither sessions nor days', 'write { sessions: 2 }, { days: 2 } or both')
  for (const unit of ['sessions', 'days']) {
    const count = across[unit]
    if (count === undefined) continue
    if (unit === measured) report(at(place, unit), `the ${unit} are what is measured already`, 'leave it out')
    else if (!Number.isSafeInteger(count) || (count as number) < 2) {
      report(
        at(place, unit),
        count === 1 ? 'every event falls in one: this says nothing' : `${show(count)} is not a number of ${unit}`,
        'write 2 or more, or leave it out',
      )
    } else if ((count as number) > MOST_DISTINCT)
      report(at(place, unit), `${count} are more than a profile keeps`, `write ${MOST_DISTINCT} or less: state is bounded`)
  }
}

function checkWindow(window: unknown, plan: Plan | undefined, place: string, report: Report): void {
  if (!expectObject(window, place, 'write { length } in milliseconds', report)) return
  expectKnownFields(window, ['length', 'anchor'], place, report)
  checkLength(window['length'], at(place, 'length'), report)
  const { anchor } = window
  if (anchor === undefined || anchor === 'firstSeen') return
  const there = at(place, 'anchor')
  if (typeof anchor === 'string')
    report(there, `${show(anchor)} opens no window`, "write { event, where }, or 'firstSeen' for the user's first event of any kind")
  else if (expectObject(anchor, there, "write { event, where }, or 'firstSeen'", report)) {
    expectKnownFields(anchor, ['event', 'where'], there, report)
    checkMatch(anchor, plan, there, report)
  }
}
