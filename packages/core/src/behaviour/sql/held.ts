import type { Holding, InSegment } from '../ast.ts'
import { describe } from '../english.ts'
import type { Reading } from './reading.ts'
import { NEVER } from './select.ts'

export function readHolding(holding: Holding, reading: Reading): string {
  const relation = reading.query.timelines.holding(holding)
  joinAsOf(relation, reading)
  return reading.column(`is_${relation}`, () => `${relation}.value`, describe(holding))
}

export function readSince({ segment, member, for: wait = 0 }: InSegment, reading: Reading): string {
  const { query } = reading
  const relation = query.timelines.since(query.segment(segment))
  joinAsOf(relation, reading)
  return `(${relation}.member = ${query.dialect.text(member)} AND ${reading.moment} >= ${relation}.since + ${wait})`
}

/** Joins the row that holds at a moment: the newest one of a profile, or the one that begins no later and of which the next one does. */
export function joinAsOf(relation: string, reading: Reading): void {
  const began = `(${relation}.moment < s.moment OR (${relation}.moment = s.moment AND ${relation}.upto <= s.upto))`
  const isStill = `(s.moment < ${relation}.next_moment OR (s.moment = ${relation}.next_moment AND s.upto < ${relation}.next_upto))`
  reading.join(relation, reading.frame.kind === 'now' ? `${relation}.next_moment = ${NEVER}` : `${began} AND ${isStill}`)
}
