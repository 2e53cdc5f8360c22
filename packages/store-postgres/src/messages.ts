import type { Interaction, Message, Settlement } from '@waymark/core'
import { type MessageRow, toMessage, toText } from '@waymark/core/store-kit'
import { type Connection, first, type Reader } from './connection.ts'
import { texts } from './values.ts'

const COLUMNS = `key, profile, rule, channel, kind, content, decided_at, cause, state, reason, attempts, not_before, unclear_since,
  sent_at, seen_at, clicked_at, dismissed_at`

/** Somebody who answered a message has it, whatever became of the send: it is not sent again. */
const IN_LINE = "state = 'queued' AND clicked_at IS NULL AND dismissed_at IS NULL"

export async function message(reader: Reader, key: string): Promise<Message | undefined> {
  const row = await first<MessageRow>(reader, `SELECT ${COLUMNS} FROM messages WHERE key = $1`, toText(key))
  return row === undefined ? undefined : toMessage(row)
}

/** By their keys, keys and all as they are stored. */
export async function messagesByKey(reader: Reader, keys: readonly string[]): Promise<ReadonlyMap<string, Message>> {
  if (keys.length === 0) return new Map()
  const rows = await reader.all<MessageRow>(`SELECT ${COLUMNS} FROM messages WHERE key = ANY($1::text[])`, texts(keys))
  return new Map(rows.map((row) => [row.key, toMessage(row)]))
}

export async function messages(reader: Reader, profile: string): Promise<readonly Message[]> {
  const rows = await reader.all<MessageRow>(`SELECT ${COLUMNS} FROM messages WHERE profile = $1 ORDER BY decided_at, id`, toText(profile))
  return rows.map(toMessage)
}

const OPEN = `SELECT ${COLUMNS} FROM messages WHERE profile = $1 AND channel = $2 AND state = 'sent' AND clicked_at IS NULL AND dismissed_at IS NULL
  ORDER BY decided_at, id`

export async function openMessages(reader: Reader, profile: string, channel: string): Promise<readonly Message[]> {
  return (await reader.all<MessageRow>(OPEN, toText(profile), toText(channel))).map(toMessage)
}

const DUE = `SELECT ${COLUMNS} FROM messages WHERE channel = $1 AND ${IN_LINE} AND due_at <= $2 ORDER BY decided_at, id LIMIT $3`

export async function due(reader: Reader, channel: string, now: number, limit: number): Promise<readonly Message[]> {
  return (await reader.all<MessageRow>(DUE, toText(channel), now, Math.max(0, limit))).map(toMessage)
}

export async function nextDue(reader: Reader, channel: string): Promise<number | undefined> {
  const sql = `SELECT due_at AS at FROM messages WHERE channel = $1 AND ${IN_LINE} ORDER BY due_at LIMIT 1`
  return (await first<{ at: number }>(reader, sql, toText(channel)))?.at
}

export async function backlog(reader: Reader, channel: string): Promise<number> {
  const sql = `SELECT count(*) AS count FROM messages WHERE channel = $1 AND ${IN_LINE}`
  return (await first<{ count: number }>(reader, sql, toText(channel)))?.count ?? 0
}

const LEASE = `UPDATE messages SET due_at = greatest(not_before, $2), attempts = attempts + 1, unclear_since = coalesce(unclear_since, $3)
  WHERE key = ANY($1::text[]) AND state = 'queued'`

export function lease(connection: Connection, keys: readonly string[], until: number, now: number): void {
  if (keys.length > 0) connection.tell(LEASE, texts(keys.map(toText)), until, now)
}

const END_LEASES = `UPDATE messages SET due_at = not_before WHERE channel = $1 AND ${IN_LINE} AND due_at > not_before`

export function endLeases(connection: Connection, channel: string): void {
  connection.tell(END_LEASES, toText(channel))
}

const GIVE_BACK = "UPDATE messages SET state = 'queued', reason = $2, not_before = $3, due_at = $3, unclear_since = $4 WHERE key = $1"
const SETTLE = 'UPDATE messages SET state = $2, reason = $3, sent_at = coalesce($4, sent_at), unclear_since = $5 WHERE key = $1'

export function settle(connection: Connection, key: string, { state, at, reason, notBefore = at, unclearSince }: Settlement): void {
  const why = reason === undefined ? null : toText(reason)
  const unclear = unclearSince ?? null
  if (state === 'queued') connection.tell(GIVE_BACK, toText(key), why, notBefore, unclear)
  else connection.tell(SETTLE, toText(key), state, why, state === 'sent' ? at : null, unclear)
}

const ANSWERS: Readonly<Record<Interaction, string>> = {
  seen: 'seen_at = $1 WHERE seen_at IS NULL',
  clicked: 'clicked_at = $1, seen_at = coalesce(seen_at, $1) WHERE clicked_at IS NULL AND dismissed_at IS NULL',
  dismissed: 'dismissed_at = $1, seen_at = coalesce(seen_at, $1) WHERE clicked_at IS NULL AND dismissed_at IS NULL',
}

/** Who clicked or dismissed a message has seen it. Of a click and a dismissal the first one stands. */
export async function answer(connection: Connection, profile: string, key: string, interaction: Interaction, at: number): Promise<Message | undefined> {
  const sql = `UPDATE messages SET ${ANSWERS[interaction]} AND key = $2 AND profile = $3 RETURNING ${COLUMNS}`
  const row = await first<MessageRow>(connection, sql, at, toText(key), toText(profile))
  return row === undefined ? undefined : toMessage(row)
}
