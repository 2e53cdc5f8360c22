import type { Segment } from '../../segment.ts'
import type { Condition, InSegment, Predicate } from '../ast.ts'
import { describe } from '../english.ts'
import { readDid } from './did.ts'
import { readHolding, readSince } from './held.ts'
import type { Reading } from './reading.ts'
import { readSequence } from './sequence.ts'
import { readInactive, readOccurrence, readTrait } from './standing.ts'

/** A condition as a boolean expression over the columns of a reading; NULL is unknown, and AND, OR and NOT are SQL's own. */
export function read(condition: Condition, reading: Reading): string {
  switch (condition.kind) {
    case 'all':
      return joined(condition.of, ' AND ', 'TRUE', reading)
    case 'any':
      return joined(condition.of, ' OR ', 'FALSE', reading)
    case 'not':
      return `NOT ${read(condition.of, reading)}`
    case 'holding':
      return readHolding(condition, reading)
    case 'otherwise':
      // Only a segment has a place for it, and reads it itself.
      return 'FALSE'
    case 'inSegment':
      return condition.for === undefined ? isMember(condition, reading) : truth(condition, reading)
    default:
      return truth(condition, reading)
  }
}

function joined(parts: readonly Condition[], joint: string, ofNone: string, reading: Reading): string {
  const [first, ...others] = parts
  if (first === undefined) return ofNone
  return others.length === 0 ? read(first, reading) : `(${parts.map((part) => read(part, reading)).join(joint)})`
}

function truth(predicate: Predicate, reading: Reading): string {
  const sql = () => {
    switch (predicate.kind) {
      case 'did':
        return readDid(predicate, reading)
      case 'sequence':
        return readSequence(predicate, reading)
      case 'occurrence':
        return readOccurrence(predicate, reading)
      case 'inactive':
        return readInactive(predicate, reading)
      case 'trait':
        return readTrait(predicate, reading)
      case 'inSegment':
        return readSince(predicate, reading)
    }
  }
  return reading.column(reading.query.nameOf(predicate), sql, describe(predicate))
}

function isMember({ segment, member }: InSegment, reading: Reading): string {
  return `(${readMember(reading.query.segment(segment), reading)} = ${reading.query.dialect.text(member)})`
}

/** The name of the column that holds the member of a segment; NULL while it has not settled on one. */
export function readMember(segment: Segment, reading: Reading): string {
  const name = reading.query.once('member', segment.id, () => {})
  return reading.derived(name, () => memberOf(segment, reading), `segment ${segment.id}`)
}

/** The first member that is true, in the order written, as an expression over the columns of a reading. */
export function memberOf(segment: Segment, reading: Reading): string {
  const { dialect } = reading.query
  const whens: string[] = []
  const lines = segment.members.map(({ name, when }) => {
    const sql = when.kind === 'otherwise' ? `NOT (${whens.join(' OR ')})` : read(when, reading)
    whens.push(sql)
    return `  WHEN ${sql} THEN ${dialect.text(name)}`
  })
  return `CASE\n${lines.join('\n')}\nEND`
}

/** What the members of a segment say, for a comment. */
export function describeMembers(segment: Segment): readonly string[] {
  return segment.members.map(({ name, when }) => `  ${name}: ${describe(when)}`)
}
