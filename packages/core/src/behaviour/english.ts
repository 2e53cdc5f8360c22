import { formatDuration } from '../duration.ts'
import type { Condition, Did, EventMatch, Sequence } from './ast.ts'
import { counted, describeAcross, describeMatch, describeOne, describeTest, describeWindow, name, times } from './english-words.ts'

/** A condition as what is said of a user: `did feature_used with feature = 'A' at least 5 times across 2 sessions`. */
export function describe(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.length === 0 ? 'anybody' : condition.of.map(part).join(', and ')
    case 'any':
      return condition.of.length === 0 ? 'nobody' : condition.of.map(part).join(', or ')
    case 'not':
      return `not ${isPlain(condition.of) ? describe(condition.of) : `(${describe(condition.of)})`}`
    case 'holding':
      return `from when (${describe(condition.from)}) until (${describe(condition.until)})`
    case 'did':
      return describeDid(condition)
    case 'sequence':
      return describeSequence(condition)
    case 'occurrence':
      return `${describeOne(condition.which, condition.match)} has ${describeTest(condition.test)}`
    case 'inactive':
      return `inactive for ${formatDuration(condition.for)}`
    case 'trait':
      return `trait ${describeTest(condition.test)}`
    case 'inSegment':
      return `${name(condition.member)} in segment ${name(condition.segment)}${condition.for === undefined ? '' : ` for at least ${formatDuration(condition.for)}`}`
    case 'otherwise':
      return 'none of the others'
  }
}

/** Inside another list, a list needs brackets to be read as it is meant; a list of one is none. */
function part(condition: Condition): string {
  const isList = (condition.kind === 'all' || condition.kind === 'any') && condition.of.length > 1
  return isList ? `(${describe(condition)})` : describe(condition)
}

function isPlain(condition: Condition): boolean {
  return condition.kind === 'inactive' || condition.kind === 'inSegment'
}

function describeDid(did: Did): string {
  const { measure, compare, value, across, window } = did
  const bound = compare === 'atLeast' ? 'at least' : 'at most'
  const suffix = `${describeAcross(across)}${window === undefined ? '' : describeWindow(window)}`
  const joint = did.where.length === 0 ? 'with' : 'and'
  switch (measure.of) {
    case 'count':
      if (compare === 'atMost' && value === 0) return `never did ${describeMatch(did)}${suffix}`
      return `did ${describeMatch(did)} ${bound} ${times(value)}${suffix}`
    case 'sessions':
      return `did ${describeMatch(did)} in ${bound} ${counted(value, 'session')}${suffix}`
    case 'days':
      return `did ${describeMatch(did)} on ${bound} ${counted(value, 'day')}${suffix}`
    case 'sum':
      return `did ${describeMatch(did)} ${joint} ${name(measure.property)} adding up to ${bound} ${value}${suffix}`
    case 'distinct':
      return `did ${describeMatch(did)} ${joint} ${bound} ${counted(value, 'different value')} of ${name(measure.property)}${suffix}`
  }
}

function describeSequence({ steps, within, without = [] }: Sequence): string {
  const gaps = steps.slice(1).map((_, gap) => without.filter(({ after }) => after === gap).map(describeMatch))
  // What is excluded from every gap is said once, at the end.
  const everywhere = gaps.length < 2 ? [] : (gaps[0] ?? []).filter((one, index, all) => all.indexOf(one) === index && gaps.every((gap) => gap.includes(one)))
  const words = steps.map((step: EventMatch, index) => {
    const excluded = (gaps[index - 1] ?? []).filter((one) => !everywhere.includes(one))
    return `${describeMatch(step)}${excluded.length === 0 ? '' : ` without ${excluded.join(' or ')} in between`}`
  })
  const never = everywhere.length === 0 ? '' : ` without ${everywhere.join(' or ')} anywhere in between`
  return `did ${words.join(' then ')}${never}${within === undefined ? '' : ` within ${formatDuration(within)}`}`
}
