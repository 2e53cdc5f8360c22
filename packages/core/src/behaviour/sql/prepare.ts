import { type Duration, milliseconds } from '../../duration.ts'
import type { Segment } from '../../segment.ts'
import { type DialectName, dialectOf } from './dialects.ts'
import { countsSessions, isTimed, neededBy } from './needed.ts'
import { createQuery, type Query } from './query.ts'
import { createSource } from './source.ts'
import { timelinesOf } from './timelines.ts'

/** How events are found, and read. */
export interface ReadingOptions {
  readonly dialect: DialectName
  /** The segments that the conditions may ask for. */
  readonly segments?: readonly Segment[]
  /** The table or view of events, its schema before it with a dot. Default `waymark_events`. */
  readonly events?: string
  /** Default 30 minutes. */
  readonly sessionGap?: Duration
}

/** A query that can read these segments; with `isTimed` at any moment, else at `until` only unless they need more themselves. */
export function prepare(asked: readonly Segment[], options: ReadingOptions, isTimedAnyway: boolean, until: string | undefined): Query {
  const dialect = dialectOf(options.dialect)
  const ids = new Set(asked.map(({ id }) => id))
  const segments = [...asked, ...(options.segments ?? []).filter(({ id }) => !ids.has(id))]
  const conditions = neededBy(asked, segments)
  const source = createSource({
    dialect,
    table: (options.events ?? 'waymark_events').split('.').map(dialect.identifier).join('.'),
    until,
    needsPlace: isTimedAnyway || conditions.some(isTimed),
    needsSession: conditions.some(countsSessions),
    sessionGap: milliseconds(options.sessionGap ?? '30m'),
  })
  return createQuery(dialect, source, segments, until, timelinesOf)
}
