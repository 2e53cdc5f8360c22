import { formatDuration } from '../duration.ts'
import type { Json } from '../json.ts'
import { ANY_ACTIVITY, type EventMatch, type PropertyTest, type Window } from './ast.ts'

/** The parts that sentences are made of. What is any activity never reads like the name of an event: a name with a space has quotes. */

export function describeMatch({ event, where }: EventMatch): string {
  return withTests(event === ANY_ACTIVITY ? 'any activity' : name(event), where)
}

/** With an article before it: `the last feature_used`. */
export function describeOne(which: 'first' | 'last' | 'next', { event, where }: EventMatch): string {
  return `the ${which} ${withTests(event === ANY_ACTIVITY ? 'activity of any kind' : name(event), where)}`
}

export function describeWindow({ length, anchor }: Window): string {
  const time = formatDuration(length)
  if (anchor === undefined) return ` in the last ${time}`
  if (anchor === 'firstSeen') return ` in the first ${time}`
  return ` within ${time} of ${anchor.event === ANY_ACTIVITY ? describeOne('first', anchor) : describeMatch(anchor)}`
}

function withTests(what: string, where: readonly PropertyTest[]): string {
  return where.length === 0 ? what : `${what} with ${where.map(describeTest).join(' and ')}`
}

const WORDS = { gt: 'above', gte: 'at least', lt: 'below', lte: 'at most', contains: 'containing' } as const

export function describeTest({ property, is, value }: PropertyTest): string {
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

export function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** ` across 3 sessions and 2 days`, with the space before it; empty where nothing is asked. */
export function describeAcross({ sessions, days }: { readonly sessions?: number; readonly days?: number } = {}): string {
  const units = [...(sessions === undefined ? [] : [counted(sessions, 'session')]), ...(days === undefined ? [] : [counted(days, 'day')])]
  return units.length === 0 ? '' : ` across ${units.join(' and ')}`
}

/** As it is written in the plan; in quotes where it would not read as one word. */
export function name(word: string): string {
  return /^[\p{L}\p{N}_$][\p{L}\p{N}_$.:/-]*$/u.test(word) ? word : show(word)
}

function show(value: Json): string {
  return typeof value === 'string' ? `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : JSON.stringify(value)
}
