import { formatDuration } from '../duration.ts'
import type { Json } from '../json.ts'
import type { Condition, Did, EventMatch, PropertyTest, Sequence, Window } from './ast.ts'

/** A condition as what is said of a user: `did feature_used with feature = 'A' at least 5 times across 2 sessions`. */
export function describe(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.length === 0 ? 'anybody' : condition.of.map(part).join(', and ')
    case 'any':
      return condition.of.length === 0 ? 'nobody' : condition.of.map(part).join(', or ')
    case 'not':
      return `not ${isPlain(condition.of) ? describe(condition.of) : `(${describe(condition.of)})`}`
    case 'did':
      return describeDid(condition)
    case 'sequence':
      return describeSequence(condition)
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
  const suffix = `${across === undefined ? '' : ` across ${counted(across.count, across.unit.slice(0, -1))}`}${window === undefined ? '' : describeWindow(window)}`
  if (measure.of === 'count') {
    if (compare === 'atMost' && value === 0) return `never did ${describeMatch(did)}${suffix}`
    return `did ${describeMatch(did)} ${bound(compare)} ${times(value)}${suffix}`
  }
  const joint = did.where.length === 0 ? 'with' : 'and'
  if (measure.of === 'sum') return `did ${describeMatch(did)} ${joint} ${name(measure.property)} adding up to ${bound(compare)} ${value}${suffix}`
  return `did ${describeMatch(did)} ${joint} ${bound(compare)} ${counted(value, 'different value')} of ${name(measure.property)}${suffix}`
}

function describeWindow({ length, anchor }: Window): string {
  return anchor === undefined ? ` in the last ${formatDuration(length)}` : ` within ${formatDuration(length)} of ${describeMatch(anchor)}`
}

function describeSequence({ steps, within }: Sequence): string {
  return `did ${steps.map(describeMatch).join(' then ')}${within === undefined ? '' : ` within ${formatDuration(within)}`}`
}

function describeMatch({ event, where }: EventMatch): string {
  return where.length === 0 ? name(event) : `${name(event)} with ${where.map(describeTest).join(' and ')}`
}

const WORDS = { gt: 'above', gte: 'at least', lt: 'below', lte: 'at most', contains: 'containing' } as const

function describeTest({ property, is, value }: PropertyTest): string {
  switch (is) {
    case 'eq':
      return `${name(property)} = ${show(value)}`
    case 'ne':
      return `${name(property)} not ${show(value)}`
    case 'in':
      return `${name(property)} one of ${Array.isArray(value) ? value.map(show).join(', ') : show(value)}`
    case 'exists':
      return `${name(property)} ${value === false ? 'not set' : 'set'}`
    default:
      return `${name(property)} ${WORDS[is]} ${show(value)}`
  }
}

function bound(compare: Did['compare']): string {
  return compare === 'atLeast' ? 'at least' : 'at most'
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** As it is written in the plan; in quotes where it would not read as one word. */
function name(word: string): string {
  return /^[\p{L}\p{N}_$][\p{L}\p{N}_$.:/-]*$/u.test(word) ? word : show(word)
}

function show(value: Json): string {
  return typeof value === 'string' ? `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : JSON.stringify(value)
}
