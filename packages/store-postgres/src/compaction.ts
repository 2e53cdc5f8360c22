import type { Dropped, LogEntry, LogPlace } from '@waymark/core'
import { type LogRow, toLogEntry, toText } from '@waymark/core/store-kit'
import type { Connection, Reader } from './connection.ts'
import { numbers, texts } from './values.ts'

const EVENTS = "SELECT seq, batch, profile, now, body FROM log WHERE kind = 'event' AND seq <= $1::bigint"
const REST = `${EVENTS} AND profile = $2 AND seq > $3::bigint ORDER BY profile, seq LIMIT $4`
const OTHERS = `${EVENTS} AND profile > $2 ORDER BY profile, seq LIMIT $3`

/** In two steps, each of which the index by name and entry answers in order: what is left of one name, and the names after it. */
export async function eventsByName(reader: Reader, { profile, seq }: LogPlace, upTo: number, limit: number): Promise<readonly LogEntry[]> {
  const name = toText(profile)
  const rest = await reader.all<LogRow>(REST, upTo, name, seq, Math.max(0, limit))
  const room = limit - rest.length
  const others = room <= 0 ? [] : await reader.all<LogRow>(OTHERS, upTo, name, room)
  return [...rest, ...others].map(toLogEntry)
}

const DROP_KINDS = `WITH gone AS (DELETE FROM log WHERE seq > $1::bigint AND seq <= $2::bigint AND kind = ANY($3::text[]) RETURNING seq)
  SELECT count(*) AS count FROM gone`
const DROP = `WITH moved AS (DELETE FROM moves WHERE seq = ANY($1::bigint[])), gone AS (DELETE FROM log WHERE seq = ANY($1::bigint[]) RETURNING seq)
  SELECT count(*) AS count FROM gone`

/** The server's autovacuum makes the room free for what comes. */
export async function drop(connection: Connection, which: Dropped): Promise<number> {
  const [row] =
    'kinds' in which
      ? await connection.all<{ count: number }>(DROP_KINDS, which.after, which.upTo, texts(which.kinds))
      : await connection.all<{ count: number }>(DROP, numbers(which.seqs))
  return row?.count ?? 0
}
