import type { Decision, Interaction, JsonObject, Message, MessageState } from '@waymark/core'
import type { Database } from './database.ts'

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

const OPEN = `state = 'sent' AND clicked_at IS NULL AND dismissed_at IS NULL`

/** Puts the message of a sent decision into the outbox. */
export function enqueue(database: Database, { key, profile, rule, at, message }: Decision): void {
  if (message === undefined) return
  database.run(
    `INSERT OR IGNORE INTO messages (key, profile, rule, channel, kind, content, decided_at, state, attempts, not_before, leased_until)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, 0)`,
    key,
    profile,
    rule,
    message.channel,
    message.kind,
    JSON.stringify(message.content),
    at,
    at,
  )
}

export function message(database: Database, key: string): Message | undefined {
  const row = database.get<MessageRow>('SELECT * FROM messages WHERE key = ?', key)
  return row === undefined ? undefined : messageOf(row)
}

export function messagesOf(database: Database, profile: string): readonly Message[] {
  return database.all<MessageRow>('SELECT * FROM messages WHERE profile = ? ORDER BY decided_at, key', profile).map(messageOf)
}

export function openMessages(database: Database, profile: string, channel: string): readonly Message[] {
  return database.all<MessageRow>(`SELECT * FROM messages WHERE profile = ? AND channel = ? AND ${OPEN} ORDER BY decided_at, key`, profile, channel).map(messageOf)
}

export function due(database: Database, channel: string, now: number, limit: number): readonly Message[] {
  return database
    .all<MessageRow>(
      `SELECT * FROM messages WHERE channel = ? AND state = 'queued' AND not_before <= ? AND leased_until <= ? ORDER BY decided_at, key LIMIT ?`,
      channel,
      now,
      now,
      limit,
    )
    .map(messageOf)
}

export function nextDue(database: Database, channel: string): number | undefined {
  const row = database.get<{ at: number | null }>(`SELECT min(max(not_before, leased_until)) AS at FROM messages WHERE channel = ? AND state = 'queued'`, channel)
  return row?.at ?? undefined
}

export function lease(database: Database, keys: readonly string[], until: number): void {
  for (const key of keys) database.run('UPDATE messages SET leased_until = ?, attempts = attempts + 1 WHERE key = ?', until, key)
}

export function settle(database: Database, key: string, result: { readonly state: MessageState; readonly at: number; readonly reason?: string; readonly notBefore?: number }): void {
  database.run(
    `UPDATE messages SET state = ?1, reason = ?2, leased_until = 0,
       not_before = coalesce(?3, not_before), sent_at = CASE WHEN ?1 = 'sent' THEN coalesce(sent_at, ?4) ELSE sent_at END
     WHERE key = ?5`,
    result.state,
    result.reason ?? null,
    result.notBefore ?? null,
    result.at,
    key,
  )
}

/** The columns are named here, not by the caller: no text from outside ever becomes SQL. */
const ANSWER: Record<Interaction, string> = {
  seen: 'UPDATE messages SET seen_at = ? WHERE key = ? AND profile = ? AND seen_at IS NULL',
  clicked: 'UPDATE messages SET clicked_at = ? WHERE key = ? AND profile = ? AND clicked_at IS NULL AND dismissed_at IS NULL',
  dismissed: 'UPDATE messages SET dismissed_at = ? WHERE key = ? AND profile = ? AND clicked_at IS NULL AND dismissed_at IS NULL',
}

export function answer(database: Database, profile: string, key: string, interaction: Interaction, at: number): Message | undefined {
  return database.run(ANSWER[interaction], at, key, profile).changes === 1 ? message(database, key) : undefined
}

function messageOf(row: MessageRow): Message {
  return {
    key: row.key,
    profile: row.profile,
    rule: row.rule,
    channel: row.channel,
    kind: row.kind,
    content: JSON.parse(row.content) as JsonObject,
    decidedAt: row.decided_at,
    state: row.state,
    attempts: row.attempts,
    notBefore: row.not_before,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.sent_at === null ? {} : { sentAt: row.sent_at }),
    ...(row.seen_at === null ? {} : { seenAt: row.seen_at }),
    ...(row.clicked_at === null ? {} : { clickedAt: row.clicked_at }),
    ...(row.dismissed_at === null ? {} : { dismissedAt: row.dismissed_at }),
  }
}
