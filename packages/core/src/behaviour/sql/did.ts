import type { Did } from '../ast.ts'
import { decimalDigits } from './literal.ts'
import { propertyOf } from './property.ts'
import type { Reading } from './reading.ts'

const DAY = 86_400_000

/** What is measured of the events that pass a condition, all of them matching ones. */
interface Measured {
  readonly matches: string
  amount(condition: string): string
  /** What the amount is compared with. */
  readonly value: string
  /** What makes a matching event count in a session or day; it always does where undefined. */
  readonly counts?: string
}

/** Takes an aggregate of the events that count and gives its column. */
type Aggregate = (of: (condition: string) => string, name: string) => string

export function readDid(did: Did, reading: Reading): string {
  const { window } = did
  const measured = measuredOf(did, reading)
  const { matches } = measured
  const name = reading.query.nameOf(did)
  if (window === undefined) return reached(did, measured, reading, (of, what) => reading.seen(of(matches), `${name}_${what}`))

  const { length, anchor } = window
  if (anchor === undefined) {
    const inside = `${matches} AND ts > ${minus(momentOfEvents(reading), length)}`
    const enough = reached(did, measured, reading, (of, what) => reading.seen(of(inside), `${name}_${what}`))
    if (did.compare === 'atLeast') return enough
    const isKnown = `${reading.moment} >= ${reading.seen('MIN(ts)', 'first_seen')} + ${length}`
    return `CASE WHEN NOT ${enough} THEN FALSE WHEN ${isKnown} THEN TRUE END`
  }

  const { source, dialect } = reading.query
  const opened =
    anchor === 'firstSeen' ? reading.seen('MIN(ts)', 'first_seen') : reading.seen(dialect.aggregateIf('MIN', 'ts', source.matches(anchor)), `${name}_anchor`)
  const inside = `${matches} AND ts >= ${opened} AND ts < ${opened} + ${length}`
  const enough = reached(did, measured, reading, (of, what) => reading.inWindow(of(inside), `${name}_${what}`, inside))
  const isClosed = `${reading.moment} >= ${opened} + ${length}`
  return did.compare === 'atLeast'
    ? `CASE WHEN ${opened} IS NULL THEN NULL WHEN ${enough} THEN TRUE WHEN ${isClosed} THEN FALSE END`
    : `CASE WHEN ${opened} IS NULL THEN NULL WHEN NOT ${enough} THEN FALSE WHEN ${isClosed} THEN TRUE END`
}

/** The moment as the events see it that are aggregated for it. */
function momentOfEvents({ frame }: Reading): string {
  return frame.kind === 'now' ? frame.moment : 'm.moment'
}

/** Of a number worked out here, so that a scan finds one bound. */
function minus(moment: string, length: number): string {
  return /^\d+$/.test(moment) ? String(Number(moment) - length) : `${moment} - ${length}`
}

function measuredOf(did: Did, { query: { dialect, source } }: Reading): Measured {
  const { measure } = did
  const matches = source.matches(did)
  const value = String(did.value)
  switch (measure.of) {
    case 'count':
      return { matches, value, amount: dialect.countIf }
    case 'sessions':
    case 'days': {
      const unit = UNITS[measure.of as keyof typeof UNITS]
      return { matches, value, amount: (condition) => dialect.distinctIf(unit, condition) }
    }
    case 'distinct': {
      const key = source.value(matches, dialect.asKey(propertyOf(dialect, 'properties', measure.property)), 'value')
      return { matches, value, amount: (condition) => dialect.distinctIf(key, condition), counts: `${key} IS NOT NULL` }
    }
    case 'sum': {
      const amount = source.value(matches, dialect.asDecimal(propertyOf(dialect, 'properties', measure.property)), 'amount')
      return {
        matches,
        value: dialect.decimal(decimalDigits(did.value)),
        amount: (condition) => dialect.aggregateIf('SUM', amount, condition),
        counts: `${amount} IS NOT NULL`,
      }
    }
  }
}

const UNITS = { sessions: 'session', days: `ts - MOD(MOD(ts, ${DAY}) + ${DAY}, ${DAY})` } as const

/** Whether there is enough of it, or not too much; never NULL. */
function reached({ compare, across }: Did, { amount, value, counts }: Measured, { query: { dialect } }: Reading, aggregate: Aggregate): string {
  if (compare === 'atMost') return `(COALESCE(${aggregate(amount, 'amount')}, 0) <= ${value})`
  const parts = [`COALESCE(${aggregate(amount, 'amount')}, 0) >= ${value}`]
  for (const unit of ['sessions', 'days'] as const) {
    const least = across?.[unit]
    if (least === undefined) continue
    const different = (condition: string) => dialect.distinctIf(UNITS[unit], counts === undefined ? condition : `${condition} AND ${counts}`)
    parts.push(`COALESCE(${aggregate(different, unit)}, 0) >= ${least}`)
  }
  return `(${parts.join(' AND ')})`
}
