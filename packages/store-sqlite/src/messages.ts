import type { Decision, Interaction, Message, MessageDefinition, Settlement } from '@waymark/core'
import { type MessageRow, toMessage, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { heirOf } from './merges.ts'

/** Somebody who answered a message has it, whatever became of the send: it is not sent again. */
const IN_LINE = "state = 'queued' AND clicked_at IS NULL AND dismissed_at IS NULL"

export function enqueue(connection: Connection, { key, profile, rule, at, cause }: Decision, { channel, kind, content }: MessageDefinition): void {
  connection.run(
    `INSERT INTO messages (key, profile, rule, channel, kind, content, decided_at, state, not_before, due_at, cause)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
    toText(key),
    heirOf(connection, toText(profile)),
    toText(rule),
    toText(channel),
    toText(kind),
    JSON.stringify(content),
    at,
    at,
    at,
    cause === undefined ? null : toText(cause),
  )
}

export function message(connection: Connection, key: string): Message | undefined {
  return rowOf(connection, toText(key))
}

/** By its key as it is stored. */
export function rowOf(connection: Connection, key: string): Message | undefined {
  const row = connection.get<MessageRow>('SELECT * FROM messages WHERE key = ?', key)
  return row === undefined ? undefined : toMessage(row)
}

export function messages(connection: Connection, profile: string): readonly Message[] {
  return connection.all<MessageRow>('SELECT * FROM messages WHERE profile = ? ORDER BY decided_at, id', toText(profile)).map(toMessage)
}

export function openMessages(connection: Connection, profile: string, channel: string): readonly Message[] {
  const sql = `SELECT * FROM messages WHERE profile = ? AND channel = ? AND state = 'sent' AND clicked_at IS NULL AND dismissed_at IS NULL
    ORDER BY decided_at, id`
  return connection.all<MessageRow>(sql, toText(profile), toText(channel)).map(toMessage)
}

/** Walks the line in its order: what is leased or waits for its next attempt is passed over within the index. */
export function due(connection: Connection, channel: string, now: number, limit: number): readonly Message[] {
  const sql = `SELECT * FROM messages INDEXED BY messages_in_line WHERE channel = ? AND ${IN_LINE} AND due_at <= ? ORDER BY decided_at, id LIMIT ?`
  return connection.all<MessageRow>(sql, toText(channel), now, Math.max(0, limit)).map(toMessage)
}

export function nextDue(connection: Connection, channel: string): number | undefined {
  const sql = `SELECT due_at AS at FROM messages INDEXED BY messages_by_due WHERE channel = ? AND ${IN_LINE} ORDER BY due_at LIMIT 1`
  return connection.get<{ at: number }>(sql, toText(channel))?.at
}

export function backlog(connection: Connection, channel: string): number {
  return (
    connection.get<{ count: number }>(`SELECT count(*) AS count FROM messages INDEXED BY messages_by_due WHERE channel = ? AND ${IN_LINE}`, toText(channel))
      ?.count ?? 0
  )
}

export function lease(connection: Connection, keys: readonly string[], until: number, now: number): void {
  const update = connection.prepare(
    "UPDATE messages SET due_at = max(not_before, ?), attempts = attempts + 1, unclear_since = coalesce(unclear_since, ?) WHERE key = ? AND state = 'queued'",
  )
  for (const key of keys) update.run(until, now, toText(key))
}

export function endLeases(connection: Connection, channel: string): void {
  connection.run(`UPDATE messages SET due_at = not_before WHERE channel = ? AND ${IN_LINE} AND due_at > not_before`, toText(channel))
}

export function settle(connection: Connection, key: string, { state, at, reason, notBefore = at, unclearSince }: Settlement): void {
  const why = reason === undefined ? null : toText(reason)
  const unclear = unclearSince ?? null
  if (state === 'queued') {
    const sql = 'UPDATE messages SET state = ?, reason = ?, not_before = ?, due_at = ?, unclear_since = ? WHERE key = ?'
    connection.run(sql, state, why, notBefore, notBefore, unclear, toText(key))
  } else {
    const sql = 'UPDATE messages SET state = ?, reason = ?, sent_at = coalesce(?, sent_at), unclear_since = ? WHERE key = ?'
    connection.run(sql, state, why, state === 'sent' ? at : null, unclear, toText(key))
  }
}

/** Gives one that was given up back to the outbox, as if it had never been tried. By its key as it is stored. */
export function requeue(connection: Connection, key: string, now: number): void {
  const sql = `UPDATE messages SET state = 'queued', reason = NULL, attempts = 0, not_before = ?1, due_at = ?1, unclear_since = NULL
    WHERE key = ?2 AND state IN ('rejected', 'unknown', 'dead')`
  connection.run(sql, now, key)
}

/** Who clicked or dismissed a message has seen it. Of a click and a dismissal the first one stands. */
export function answer(connection: Connection, profile: string, key: string, interaction: Interaction, at: number): Message | undefined {
  const set = {
    seen: 'seen_at = ?1 WHERE seen_at IS NULL',
    clicked: 'clicked_at = ?1, seen_at = coalesce(seen_at, ?1) WHERE clicked_at IS NULL AND dismissed_at IS NULL',
    dismissed: 'dismissed_at = ?1, seen_at = coalesce(seen_at, ?1) WHERE clicked_at IS NULL AND dismissed_at IS NULL',
  }[interaction]
  const changed = connection.run(`UPDATE messages SET ${set} AND key = ?2 AND profile = ?3`, at, toText(key), toText(profile))
  return changed === 0 ? undefined : message(connection, key)
}
