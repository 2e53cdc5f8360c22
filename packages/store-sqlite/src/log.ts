import type { CanonicalEvent, Input, LogEntry, NewLogEntry } from '@waymark/core'
import type { Database } from './database.ts'

/** How long a (source, messageId) pair is remembered: SDKs retry for hours, mobile ones for days. */
const REMEMBERED = 7 * 86_400_000
/** Old claims forgotten in one commit at most, so that none takes long. */
const FORGOTTEN_AT_ONCE = 1_000

interface LogRow {
  readonly seq: number
  readonly commit: number
  readonly profile: string
  readonly now: number
  readonly input: string
}

export function claim(database: Database, events: readonly CanonicalEvent[], now: number): readonly boolean[] {
  database.run(
    'DELETE FROM claims WHERE (source, message_id) IN (SELECT source, message_id FROM claims WHERE at < ? ORDER BY at LIMIT ?)',
    now - REMEMBERED,
    FORGOTTEN_AT_ONCE,
  )
  return events.map((event) => database.run('INSERT OR IGNORE INTO claims (source, message_id, at) VALUES (?, ?, ?)', event.source, event.messageId, now).changes === 1)
}

export function append(database: Database, entries: readonly NewLogEntry[]): readonly number[] {
  const first = lastSeq(database) + 1
  return entries.map(({ profile, now, input }, index) => {
    const at = input.kind === 'event' ? input.event.timestamp : input.kind === 'tick' ? input.at : null
    const tie = input.kind === 'event' ? input.event.messageId : null
    database.run(
      'INSERT INTO log (seq, "commit", profile, kind, at, tie, now, input) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      first + index,
      first,
      profile,
      input.kind,
      at,
      tie,
      now,
      JSON.stringify(input),
    )
    return first + index
  })
}

export function lastSeq(database: Database): number {
  return database.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM log')?.seq ?? 0
}

export function readLog(database: Database, after: number, limit: number): readonly LogEntry[] {
  return database.all<LogRow>('SELECT seq, "commit", profile, now, input FROM log WHERE seq > ? ORDER BY seq LIMIT ?', after, limit).map(entryOf)
}

/** A profile's events with those of everybody merged into it, however many merges deep. */
export function history(database: Database, profile: string, upTo: number): readonly LogEntry[] {
  return database
    .all<LogRow>(
      `WITH RECURSIVE person(profile) AS (
         VALUES (?) UNION SELECT absorbed FROM merges JOIN person ON into_profile = person.profile
       )
       SELECT seq, "commit", log.profile AS profile, now, input FROM person CROSS JOIN log ON log.profile = person.profile
       WHERE kind = 'event' AND seq <= ? ORDER BY at, tie`,
      profile,
      upTo,
    )
    .map(entryOf)
}

function entryOf({ input, ...row }: LogRow): LogEntry {
  return { ...row, input: JSON.parse(input) as Input }
}
