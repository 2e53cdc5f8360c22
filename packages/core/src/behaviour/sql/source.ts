import { ANY_ACTIVITY, type EventMatch } from '../ast.ts'
import type { Dialect } from './dialect.ts'
import { passes, propertyOf } from './property.ts'
import { indent, type Relation, select } from './select.ts'

/** The events, as all readings of a query see them: which relation they are in, and expressions over one of its rows. */
export interface Source {
  /** What stands after FROM, with what has to hold of a row. */
  readonly from: string
  readonly where: string | undefined
  /** Expressions that put the events of a profile in their order. */
  readonly order: readonly string[]
  /** Whether events have a `place`, counted from 1 in that order. */
  readonly isPlaced: boolean
  /** Whether an event of this row matches: true, or else false or NULL. */
  matches(match: EventMatch): string
  /** Whether an event passes a condition on its columns. */
  flag(condition: string, name: string): string
  /** An expression over the columns of an event, to be read only of one that passes a condition, whose name `flag` gave. */
  value(condition: string, expression: string, name: string): string
  /** The relations it is made of. Asked for last, when all its columns are known. */
  relations(): readonly Relation[]
}

export interface SourceOptions {
  readonly dialect: Dialect
  readonly table: string
  readonly until: string | undefined
  readonly needsPlace: boolean
  readonly needsSession: boolean
  readonly sessionGap: number
}

const IS_ACTIVITY = "type IN ('track', 'page', 'screen')"

/**
 * Straight from the table where nothing has to be known of an event but itself. Where its place or session is needed, both
 * come of windows over all events of a profile, and what is read of an event is worked out before them, so that no JSON goes through.
 */
export function createSource(options: SourceOptions): Source {
  const { dialect, table, until, needsPlace, needsSession } = options
  const order = ['ts', dialect.binary('message_id')]
  const where = until === undefined ? undefined : `ts <= ${until}`

  function matching({ event, where: tests }: EventMatch): string {
    const named = event === ANY_ACTIVITY ? IS_ACTIVITY : `event = ${dialect.text(event)}`
    return [named, ...tests.map((test) => passes(dialect, test, propertyOf(dialect, 'properties', test.property)))].join(' AND ')
  }

  if (!needsPlace && !needsSession) {
    return {
      from: table,
      where,
      order,
      isPlaced: false,
      matches: matching,
      flag: (condition) => condition,
      value: (_, expression) => expression,
      relations: () => [],
    }
  }

  const columns = new Map<string, string>()
  let isOrderRead = false
  function column(expression: string, name: string): string {
    const there = columns.get(expression)
    if (there !== undefined) return there
    const fresh = `${name}_${columns.size + 1}`
    columns.set(expression, fresh)
    return fresh
  }
  const conditions = new Map<string, string>()
  function flag(condition: string, name: string): string {
    const flagged = column(condition, name)
    conditions.set(flagged, condition)
    return flagged
  }
  return {
    from: 'events',
    where: undefined,
    get order() {
      isOrderRead = true
      return needsPlace ? ['place'] : order
    },
    isPlaced: needsPlace,
    matches: (match) => flag(matching(match), 'is'),
    flag,
    // The guard keeps JSON from being taken apart where nobody asks for it.
    value: (flagged, expression, name) => column(`CASE WHEN ${conditions.get(flagged)} THEN ${expression} END`, name),
    relations: () => windowed(options, order, where, columns, [...conditions.keys()], isOrderRead),
  }
}

function windowed(
  { table, needsPlace, needsSession, sessionGap }: SourceOptions,
  order: readonly string[],
  where: string | undefined,
  columns: ReadonlyMap<string, string>,
  relevant: readonly string[],
  isOrderRead: boolean,
): readonly Relation[] {
  const relations: Relation[] = []
  const names = ['profile', 'ts', ...columns.values()]
  const read = [...columns].map(([expression, name]) => `${expression} AS ${name}`)
  const windows: string[] = []
  const inOrder = `OVER (PARTITION BY profile ORDER BY ${order.join(', ')})`
  if (needsPlace) windows.push(`ROW_NUMBER() ${inOrder} AS place`, `LEAD(ts) ${inOrder} AS next_ts`)
  else if (isOrderRead) names.splice(2, 0, 'message_id')
  if (needsSession) {
    read.push(`${IS_ACTIVITY} AS is_activity`)
    windows.push('LAG(ts) OVER (PARTITION BY profile, is_activity ORDER BY ts) AS active_before')
  }
  const readings = select({ columns: ['profile', 'ts', ...(needsPlace || isOrderRead ? ['message_id'] : []), ...read], from: table, where })
  const ordered = select({ columns: [...names, ...(needsSession ? ['is_activity'] : []), ...windows], from: `(\n${indent(readings)}\n) AS readings` })
  relations.push({ name: 'ordered', body: ordered })
  const session = `SUM(CASE WHEN ts - active_before > ${sessionGap} THEN 1 ELSE 0 END) OVER (PARTITION BY profile, is_activity ORDER BY ts) AS session`
  // The first event is when the profile was first seen, and what time brings is in effect from the first event of a millisecond on,
  // before what others of it bring; of all others only those that are asked for matter.
  const kept = needsPlace ? ['place = 1', 'next_ts = ts', ...relevant].join(' OR ') : undefined
  const all = [...names, ...(needsPlace ? ['place', 'next_ts'] : [])]
  const sessions = needsSession ? `(\n${indent(select({ columns: [...all, session], from: 'ordered' }))}\n) AS spaced` : 'ordered'
  relations.push({ name: 'events', body: select({ columns: [...all, ...(needsSession ? ['session'] : [])], from: sessions, where: kept }) })
  return relations
}
