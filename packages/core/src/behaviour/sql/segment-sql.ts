import type { Segment } from '../../segment.ts'
import { describeMembers, memberOf } from './condition.ts'
import { dialectOf } from './dialects.ts'
import { joinAsOf } from './held.ts'
import { comment } from './literal.ts'
import { prepare, type ReadingOptions } from './prepare.ts'
import type { Query } from './query.ts'
import { createReading, type Reading } from './reading.ts'
import { select } from './select.ts'

export interface SegmentSqlOptions extends ReadingOptions {
  /** As it stood then, in epoch milliseconds; `now` is when the query runs. Default `now`. */
  readonly at?: number | 'now'
  /** Also say since when, in epoch milliseconds. Costs a reading at every moment at which the segment may change. Default false. */
  readonly since?: boolean
}

/**
 * A segment as a query that gives `profile` and `member` of every profile that was seen; `member` is NULL while the segment has
 * not settled on one. It reads one relation of events: `profile`, `message_id`, `ts` in epoch milliseconds, `type`, `event`
 * (NULL unless `type` is track), `properties` and `traits`. Throws `SEGMENT_UNKNOWN`, `SEGMENT_CYCLE` and `SQL_UNWRITABLE`.
 */
export function segmentSql(segment: Segment, { at = 'now', since = false, ...options }: SegmentSqlOptions): string {
  const moment = at === 'now' ? dialectOf(options.dialect).now : String(at)
  const query = prepare([segment], options, since, moment)
  const reading = createReading(query, { kind: 'now', moment }, '')
  const title = [`segment ${segment.id} ${at === 'now' ? 'now' : `at ${at}`}`, ...describeMembers(segment)].map(comment).join('\n')
  const columns = since ? membership(segment, query, reading) : [`${memberOf(segment, reading)} AS member`]
  return `${title}\n${query.render(select({ columns: ['profile', ...columns], from: reading.build() }))}`
}

/** The member and since when, both off its timeline. */
function membership(segment: Segment, query: Query, reading: Reading): readonly string[] {
  const relation = query.timelines.since(segment)
  joinAsOf(relation, reading)
  return [reading.column('member', () => `${relation}.member`), reading.column('since', () => `${relation}.since`)]
}
