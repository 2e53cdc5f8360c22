import type { Decision, Interaction, Message, MessageDefinition, MessageState } from '@waymark/core'
import type { Connection } from './connection.ts'
import { heirOf } from './merges.ts'
import { fromText, toText } from './text.ts'

interface MessageRow {
  readonly key: string
  readonly profile: string
  readonly rule: string
  readonly channel: string
  readonly kind: string
  readonly content: string
  readonly decided_at: number
  readonly state: MessageState
  readonly reason: string | null
  readonly attempts: number
  readonly not_before: number
  readonly sent_at: number | null
  readonly seen_at: number | null
  readonly clicked_at: number | null
  readonly dismissed_at: number | null
}

/** Somebody who answered a message has it, whatever became of the send: it is not sent again. */
const IN_LINE = "state = 'queued' AND clicked_at IS NULL AND dismissed_at IS NULL"

export function enqueue(connection: Connection, { key, profile, rule, at }: Decision, { channel, kind, content }: MessageDefinition): void {
  connection.run(
    `INSERT INTO messages (key, profile, rule, channel, kind, content, decided_at, state, not_before, due_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?) ON CONFLICT (key) DO NOTHING`,
    toText(key),
    heirOf(connection, toText(profile)),
    toText(rule),
    toText(channel),
    toText(kind),
    JSON.stringify(content),
    at,
    at,
    at,
  )
}

export function message(connection: Connection, key: string): Message | undefined {
  const row = connection.get<MessageRow>('SELECT * FROM messages WHERE key = ?', toText(key))
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

export function lease(connection: Connection, keys: readonly string[], until: number): void {
  const update = connection.prepare("UPDATE messages SET due_at = max(not_before, ?), attempts = attempts + 1 WHERE key = ? AND state = 'queued'")
  for (const key of keys) update.run(until, toText(key))
}

export interface Settlement {
  readonly state: MessageState
  readonly at: number
  readonly reason?: string
  readonly notBefore?: number
}

export function settle(connection: Connection, key: string, { state, at, reason, notBefore = at }: Settlement): void {
  const why = reason === undefined ? null : toText(reason)
  if (state === 'queued') {
    connection.run('UPDATE messages SET state = ?, reason = ?, not_before = ?, due_at = ? WHERE key = ?', state, why, notBefore, notBefore, toText(key))
  } else {
    const sentAt = state === 'sent' ? at : null
    connection.run('UPDATE messages SET state = ?, reason = ?, sent_at = coalesce(?, sent_at) WHERE key = ?', state, why, sentAt, toText(key))
  }
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

function toMessage(row: MessageRow): Message {
  return {
    key: fromText(row.key),
    profile: fromText(row.profile),
    rule: fromText(row.rule),
    channel: fromText(row.channel),
    kind: fromText(row.kind),
    content: JSON.parse(row.content) as Message['content'],
    decidedAt: row.decided_at,
    state: row.state,
    ...(row.reason === null ? {} : { reason: fromText(row.reason) }),
    attempts: row.attempts,
    notBefore: row.not_before,
    ...(row.sent_at === null ? {} : { sentAt: row.sent_at }),
    ...(row.seen_at === null ? {} : { seenAt: row.seen_at }),
    ...(row.clicked_at === null ? {} : { clickedAt: row.clicked_at }),
    ...(row.dismissed_at === null ? {} : { dismissedAt: row.dismissed_at }),
  }
}
