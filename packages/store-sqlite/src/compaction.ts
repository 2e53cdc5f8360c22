import type { Dropped, LogEntry, LogPlace } from '@waymark/core'
import { type LogRow, toLogEntry, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'

const EVENTS = "SELECT seq, batch, profile, now, body FROM log WHERE kind = 'event' AND seq <= ?"

/** In two steps, each of which the index by name answers in order: what is left of one name, and the names after it. */
export function eventsByName(connection: Connection, { profile, seq }: LogPlace, upTo: number, limit: number): readonly LogEntry[] {
  const name = toText(profile)
  const rest = connection.all<LogRow>(`${EVENTS} AND profile = ? AND seq > ? ORDER BY seq LIMIT ?`, upTo, name, seq, Math.max(0, limit))
  const room = limit - rest.length
  const others = room <= 0 ? [] : connection.all<LogRow>(`${EVENTS} AND profile > ? ORDER BY profile, seq LIMIT ?`, upTo, name, room)
  return [...rest, ...others].map(toLogEntry)
}

/** Its pages are used again for what comes: a file that entries are dropped from grows no more, and does not shrink. */
export function drop(connection: Connection, which: Dropped): number {
  if ('kinds' in which) {
    const sql = 'DELETE FROM log WHERE seq > ? AND seq <= ? AND kind IN (SELECT value FROM json_each(?))'
    return connection.run(sql, which.after, which.upTo, JSON.stringify(which.kinds))
  }
  const seqs = JSON.stringify(which.seqs)
  connection.run('DELETE FROM moves WHERE seq IN (SELECT value FROM json_each(?))', seqs)
  return connection.run('DELETE FROM log WHERE seq IN (SELECT value FROM json_each(?))', seqs)
}
