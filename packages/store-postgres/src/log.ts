import type { LogEntry, NewLogEntry } from '@waymark/core'
import { byEvent, fromText, type LogRow, toLogEntry, toText } from '@waymark/core/store-kit'
import { type Connection, first, type Reader } from './connection.ts'
import { AS_IT_STANDS, EVER, FAMILY } from './merges.ts'
import { numbers, texts } from './values.ts'

const COLUMNS = 'seq, batch, profile, now, body'

const APPEND = `INSERT INTO log (seq, batch, profile, now, kind, body) SELECT $1::bigint + n, $2::bigint, profile, now, kind, body
  FROM unnest($3::text[], $4::double precision[], $5::text[], $6::text[]) WITH ORDINALITY AS appended (profile, now, kind, body, n)`

/** After the entry `last`. `batch` is the first `seq` of the commit; left out, these entries begin it. */
export function append(connection: Connection, entries: readonly NewLogEntry[], last: number, batch: number | undefined): readonly number[] {
  if (entries.length === 0) return []
  connection.tell(
    APPEND,
    last,
    batch ?? last + 1,
    texts(entries.map(({ profile }) => toText(profile))),
    numbers(entries.map(({ now }) => now)),
    texts(entries.map(({ input }) => input.kind)),
    texts(entries.map(({ input }) => JSON.stringify(input))),
  )
  return entries.map((_, index) => last + 1 + index)
}

export async function readLog(reader: Reader, after: number, limit: number): Promise<readonly LogEntry[]> {
  return (await reader.all<LogRow>(`SELECT ${COLUMNS} FROM log WHERE seq > $1 ORDER BY seq LIMIT $2`, after, Math.max(0, limit))).map(toLogEntry)
}

/** What came under the profile's names, but for what was found to be of another, and what came under another's and is this one's. */
const HISTORY = `${FAMILY}
  SELECT log.seq, log.batch, log.profile, log.now, log.body FROM family
    CROSS JOIN LATERAL (SELECT * FROM log WHERE log.profile = family.id AND kind = 'event' ${AS_IT_STANDS}) AS log
    WHERE log.seq <= $2::bigint AND NOT EXISTS (SELECT FROM moves WHERE moves.seq = log.seq AND moves.after_seq < $2::bigint ${AS_IT_STANDS})
  UNION ALL
  SELECT log.seq, log.batch, moves.profile, log.now, log.body FROM family JOIN moves ON moves.profile = family.id JOIN log ON log.seq = moves.seq
    WHERE moves.after_seq < $2::bigint AND NOT EXISTS (
      SELECT FROM moves AS later WHERE later.seq = moves.seq AND later.after_seq > moves.after_seq AND later.after_seq < $2::bigint)`

export async function history(reader: Reader, profile: string, upTo: number = EVER): Promise<readonly LogEntry[]> {
  return (await reader.all<LogRow>(HISTORY, toText(profile), upTo)).map(toLogEntry).sort(byEvent)
}

export async function cursor(reader: Reader, name: string): Promise<string | undefined> {
  const row = await first<{ value: string }>(reader, 'SELECT value FROM cursors WHERE name = $1', toText(name))
  return row === undefined ? undefined : fromText(row.value)
}

const SET_CURSOR = 'INSERT INTO cursors (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value'

export function setCursor(connection: Connection, name: string, value: string): void {
  connection.tell(SET_CURSOR, toText(name), toText(value))
}
