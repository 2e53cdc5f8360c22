import type { LogEntry, NewLogEntry } from '@waymark/core'
import { byEvent, fromText, type LogRow, toLogEntry, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { EVER, FAMILY } from './merges.ts'

const COLUMNS = 'seq, batch, profile, now, body'

/** Rows in one insert: the way from JavaScript into SQLite costs a third of a single row, and much less of one in twenty. */
const TOGETHER = 20
/**
 * The statement for so many rows, by their number. A row that fails ends the whole transaction anyway: with OR FAIL, SQLite need not be able
 * to take back the rows before it, for which it would copy every page of the index that they touch to a file of its own.
 */
const INSERTS: readonly string[] = Array.from(
  { length: TOGETHER + 1 },
  (_, rows) => `INSERT OR FAIL INTO log (seq, batch, profile, now, kind, body) VALUES ${Array(rows).fill('(?, ?, ?, ?, ?, ?)').join(', ')}`,
)

/** `batch` is the first `seq` of the commit; left out, these entries begin it. */
export function append(connection: Connection, entries: readonly NewLogEntry[], batch: number | undefined): readonly number[] {
  const first = lastSeq(connection) + 1
  const commit = batch ?? first
  for (let from = 0; from < entries.length; from += TOGETHER) {
    const values: (number | string)[] = []
    const some = entries.slice(from, from + TOGETHER)
    for (const [index, { profile, now, input }] of some.entries()) {
      values.push(first + from + index, commit, toText(profile), now, input.kind, JSON.stringify(input))
    }
    connection.run(INSERTS[some.length] as string, ...values)
  }
  return entries.map((_, index) => first + index)
}

export function readLog(connection: Connection, after: number, limit: number): readonly LogEntry[] {
  return connection.all<LogRow>(`SELECT ${COLUMNS} FROM log WHERE seq > ? ORDER BY seq LIMIT ?`, after, Math.max(0, limit)).map(toLogEntry)
}

export function lastSeq(connection: Connection): number {
  return connection.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'log'")?.seq ?? 0
}

/** What came under the profile's names, but for what was found to be of another, and what came under another's and is this one's. */
const HISTORY = `${FAMILY}
  SELECT ${COLUMNS} FROM log WHERE profile IN (SELECT id FROM family) AND kind = 'event' AND seq <= ?2
    AND NOT EXISTS (SELECT 1 FROM moves WHERE moves.seq = log.seq AND moves.after_seq < ?2)
  UNION ALL
  SELECT log.seq, log.batch, moves.profile, log.now, log.body FROM moves JOIN log ON log.seq = moves.seq
    WHERE moves.profile IN (SELECT id FROM family) AND moves.after_seq < ?2
      AND NOT EXISTS (SELECT 1 FROM moves AS later WHERE later.seq = moves.seq AND later.after_seq > moves.after_seq AND later.after_seq < ?2)`

/** Ordered here and not by SQLite: message ids compare as the engine compares them, by UTF-16 code unit. */
export function history(connection: Connection, profile: string, upTo: number = EVER): readonly LogEntry[] {
  return connection.all<LogRow>(HISTORY, toText(profile), upTo).map(toLogEntry).sort(byEvent)
}

export function cursor(connection: Connection, name: string): string | undefined {
  const row = connection.get<{ value: string }>('SELECT value FROM cursors WHERE name = ?', toText(name))
  return row === undefined ? undefined : fromText(row.value)
}

export function setCursor(connection: Connection, name: string, value: string): void {
  connection.run('INSERT INTO cursors VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', toText(name), toText(value))
}
