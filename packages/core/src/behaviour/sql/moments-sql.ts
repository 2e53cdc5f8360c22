import type { Segment } from '../../segment.ts'
import { readMember } from './condition.ts'
import { joinAsOf } from './held.ts'
import { prepare, type ReadingOptions } from './prepare.ts'
import { createReading } from './reading.ts'
import { indent, select } from './select.ts'

export interface MomentsSqlOptions extends ReadingOptions {
  /** A relation of `profile` and `moment`. */
  readonly moments: string
  /** Ids of the segments of which also to say since when. */
  readonly since?: readonly string[]
}

/**
 * The members of many segments at many moments: `profile`, `moment`, and `member_of_0`, `since_of_0` and so on in the order of
 * the segments. Moments before the first event of a profile are left out.
 */
export function momentsSql(asked: readonly Segment[], { moments, since = [], ...options }: MomentsSqlOptions): string {
  const query = prepare(asked, options, true, undefined)
  const all = `SELECT profile, ts AS moment, place, 0 AS asked FROM ${query.source.from}\nUNION ALL\nSELECT profile, moment, 0, 1 FROM ${moments}`
  const upto = 'MAX(place) OVER (PARTITION BY profile ORDER BY moment) AS upto'
  const placed = select({ columns: ['profile', 'moment', 'asked', upto], from: `(\n${indent(all)}\n) AS edges` })
  query.add('moments', select({ columns: ['profile', 'moment', 'upto'], from: `(\n${indent(placed)}\n) AS placed`, where: 'asked = 1 AND upto > 0' }))
  const reading = createReading(query, { kind: 'moments', relation: 'moments' }, '')
  const columns = asked.flatMap((segment, index) => {
    const member = `${readMember(segment, reading)} AS member_of_${index}`
    if (!since.includes(segment.id)) return [member]
    const relation = query.timelines.since(segment)
    joinAsOf(relation, reading)
    return [member, `${reading.column(`${relation}_since`, () => `${relation}.since`)} AS since_of_${index}`]
  })
  return query.render(select({ columns: ['profile', 'moment', ...columns], from: reading.build() }))
}
