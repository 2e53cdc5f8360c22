import { formatDuration } from '../duration.ts'
import type { Did, Predicate } from './ast.ts'
import { describe } from './english.ts'
import { counted, describeAcross, describeMatch, describeOne, describeTest, describeWindow, name, times } from './english-words.ts'
import { FALSE, not, TRUE, type Truth, UNKNOWN } from './truth.ts'

/**
 * What a predicate still lacks to be true, or to be false where it is `isNegated`, for a person: `1 more different value of feature`.
 * Undefined when it is. `value` is how much of what it counts there is, as the evidence tells it; of a sequence, how many of its steps are done.
 */
export function missing(predicate: Predicate, value: number | undefined, truth: Truth, isNegated: boolean = false): string | undefined {
  if (!isNegated) return missingToHold(predicate, value, truth)
  if (truth === FALSE) return undefined
  const opposite = oppositeOf(predicate)
  return opposite === undefined ? describe({ kind: 'not', of: predicate }) : missingToHold(opposite, value, not(truth))
}

/** `at least 3 times` is the opposite of `at most 2 times`; of what is not counted in ones, or must be spread too, there is none as short. */
function oppositeOf(predicate: Predicate): Did | undefined {
  if (predicate.kind !== 'did' || predicate.measure.of === 'sum' || predicate.across !== undefined) return undefined
  const { compare, value } = predicate
  return compare === 'atLeast' ? { ...predicate, compare: 'atMost', value: value - 1 } : { ...predicate, compare: 'atLeast', value: value + 1 }
}

function missingToHold(predicate: Predicate, value: number | undefined, truth: Truth): string | undefined {
  if (truth === TRUE) return undefined
  switch (predicate.kind) {
    case 'did':
      return predicate.compare === 'atLeast' ? missingMore(predicate, value ?? 0, truth) : missingLess(predicate, value ?? 0, truth)
    case 'sequence': {
      const done = Math.min(value ?? 0, predicate.steps.length - 1)
      const next = predicate.steps[done]
      return next === undefined ? describe(predicate) : `step ${done + 1} of ${predicate.steps.length}: ${describeMatch(next)}`
    }
    case 'occurrence':
      return `${describeOne(predicate.which === 'last' ? 'next' : 'first', predicate.match)} to have ${describeTest(predicate.test)}`
    case 'inactive':
      return `${truth === UNKNOWN ? 'any activity, then ' : ''}${formatDuration(predicate.for)} without activity`
    case 'inSegment':
      return `${truth === UNKNOWN ? `segment ${name(predicate.segment)} to settle: ` : ''}${describe(predicate)}`
    case 'trait':
      return describe(predicate)
  }
}

function missingMore(did: Did, value: number, truth: Truth): string {
  const { window } = did
  if (window?.anchor !== undefined && truth === FALSE) return tooLate(did)
  const inTime = window === undefined ? '' : describeWindow(window)
  const spread = describeAcross(did.across)
  const more = amountMissing(did, value)
  if (more === undefined) return `to be spread${spread}${inTime}`
  return `${more}${inTime}${spread === '' ? '' : `,${spread} in all`}`
}

/** `2 more times`; undefined when there is enough, so that only the spread is missing. */
function amountMissing({ measure, value }: Did, there: number): string | undefined {
  const lack = measure.of === 'sum' ? decimal(value - there) : value - there
  if (lack <= 0) return undefined
  switch (measure.of) {
    case 'count':
      return counted(lack, 'more time')
    case 'sessions':
      return counted(lack, 'more session')
    case 'days':
      return counted(lack, 'more day')
    case 'distinct':
      return `${counted(lack, 'more different value')} of ${name(measure.property)}`
    case 'sum':
      return `${lack} more of ${name(measure.property)}`
  }
}

/** Of something that was to be done at most so often. */
function missingLess(did: Did, there: number, truth: Truth): string {
  const { window, value, measure } = did
  if (measure.of === 'sum') return there > value ? `${decimal(there - value)} less of ${name(measure.property)}` : describe(did)
  const slides = window !== undefined && window.anchor === undefined
  if (truth === FALSE && !slides) return tooLate(did)
  if (truth === UNKNOWN && slides) return `to be known for ${formatDuration(window.length)}`
  if (measure.of !== 'count' || window === undefined) return describe(did)
  const what = describeMatch(did)
  if (value > 0) return `${what} no more than ${times(value)}${describeWindow(window)}`
  return slides ? `no ${what} any more, for ${formatDuration(window.length)}` : `no ${what}${describeWindow(window)}`
}

function tooLate(did: Did): string {
  return `too late for: ${describe(did)}`
}

/** What lies between two sums, which are exact to six decimals. */
function decimal(difference: number): number {
  return Number(difference.toFixed(6))
}
