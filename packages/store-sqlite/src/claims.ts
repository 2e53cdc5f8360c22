import type { CanonicalEvent } from '@waymark/core'
import { toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'

/** How long a pair is remembered at least. */
const KEPT = 7 * 24 * 60 * 60 * 1_000
/** Rows looked at in one sweep: twice what came in, so that a full round takes half the time that is remembered. */
const MOST_SWEPT = 1_000
/** A sweep costs about as much as a few claims: small commits share one. */
const SWEEP_EVERY = 300
/** New ones since the last sweep. A process begins with one. */
const unswept = new WeakMap<Connection, number>()

/** Which of these are new. A pair twice in one call is new once. */
export function claim(connection: Connection, events: readonly CanonicalEvent[], now: number): readonly boolean[] {
  const insert = connection.prepare('INSERT INTO claims VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const answers = events.map(({ source, messageId }) => insert.run(toText(source), toText(messageId), now).changes === 1)
  const count = (unswept.get(connection) ?? SWEEP_EVERY) + events.length
  const rest = count % SWEEP_EVERY
  unswept.set(connection, rest)
  if (count > rest) sweep(connection, now - KEPT, Math.min(MOST_SWEPT, 2 * (count - rest)))
  return answers
}

interface Place {
  readonly source: string
  readonly message: string
}

/**
 * Forgets what is old among the next `count` rows in key order, and remembers where it stopped. An index by time would find
 * the old ones at once but cost every event a second entry; this costs a short scan per commit, however large the table.
 */
function sweep(connection: Connection, before: number, count: number): void {
  const from = connection.get<Place>('SELECT source, message FROM sweep') ?? { source: '', message: '' }
  const sql = 'SELECT source, message FROM claims WHERE (source, message) > (?, ?) ORDER BY source, message LIMIT 1 OFFSET ?'
  const upTo = connection.get<Place>(sql, from.source, from.message, count - 1)
  if (upTo === undefined) {
    connection.run('DELETE FROM claims WHERE (source, message) > (?, ?) AND at < ?', from.source, from.message, before)
  } else {
    const range = 'DELETE FROM claims WHERE (source, message) > (?, ?) AND (source, message) <= (?, ?) AND at < ?'
    connection.run(range, from.source, from.message, upTo.source, upTo.message, before)
  }
  const next = upTo ?? { source: '', message: '' }
  if (next.source !== from.source || next.message !== from.message) connection.run('UPDATE sweep SET source = ?, message = ?', next.source, next.message)
}
