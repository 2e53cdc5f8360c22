import type { DeadLetter } from '../dead-letter.ts'
import type { CanonicalEvent } from '../event.ts'
import type { JournalEntry, JournalOutcome } from '../journal.ts'
import type { Message, MessageState } from '../message.ts'
import type { Quarantined } from '../quarantine.ts'
import type { IdentityKey, Input, LogEntry } from '../store.ts'
import { fromText } from './text.ts'

/** Rows as the tables of a SQL store have them: text from outside is escaped (`text.ts`), bodies are JSON, times epoch milliseconds. */

export interface LogRow {
  readonly seq: number
  /** The first `seq` of the commit. */
  readonly batch: number
  readonly profile: string
  readonly now: number
  readonly body: string
}

export function toLogEntry({ seq, batch, profile, now, body }: LogRow): LogEntry {
  return { seq, commit: batch, profile: fromText(profile), now, input: JSON.parse(body) as Input }
}

export interface MessageRow {
  readonly key: string
  readonly profile: string
  readonly rule: string
  readonly channel: string
  readonly kind: string
  readonly content: string
  readonly decided_at: number
  readonly cause: string | null
  readonly state: MessageState
  readonly reason: string | null
  readonly attempts: number
  readonly not_before: number
  readonly unclear_since: number | null
  readonly sent_at: number | null
  readonly seen_at: number | null
  readonly clicked_at: number | null
  readonly dismissed_at: number | null
}

export function toMessage(row: MessageRow): Message {
  return {
    key: fromText(row.key),
    profile: fromText(row.profile),
    rule: fromText(row.rule),
    channel: fromText(row.channel),
    kind: fromText(row.kind),
    content: JSON.parse(row.content) as Message['content'],
    decidedAt: row.decided_at,
    ...(row.cause === null ? {} : { cause: fromText(row.cause) }),
    state: row.state,
    ...(row.reason === null ? {} : { reason: fromText(row.reason) }),
    attempts: row.attempts,
    notBefore: row.not_before,
    ...(row.unclear_since === null ? {} : { unclearSince: row.unclear_since }),
    ...(row.sent_at === null ? {} : { sentAt: row.sent_at }),
    ...(row.seen_at === null ? {} : { seenAt: row.seen_at }),
    ...(row.clicked_at === null ? {} : { clickedAt: row.clicked_at }),
    ...(row.dismissed_at === null ? {} : { dismissedAt: row.dismissed_at }),
  }
}

export interface JournalRow {
  readonly id: number
  readonly at: number
  readonly outcome: JournalOutcome
  readonly origin: string
  readonly heir: string
  readonly keys: string
  readonly source: string | null
  readonly message: string | null
  readonly reason: string | null
}

export function toJournalEntry({ id, at, outcome, origin, heir, keys, source, message, reason }: JournalRow): JournalEntry {
  return {
    id,
    at,
    outcome,
    from: fromText(origin),
    into: fromText(heir),
    keys: JSON.parse(keys) as readonly IdentityKey[],
    ...(source === null || message === null ? {} : { event: { source: fromText(source), messageId: fromText(message) } }),
    ...(reason === null ? {} : { reason: fromText(reason) }),
  }
}

export interface LetterRow {
  readonly id: number
  readonly at: number
  readonly stage: DeadLetter['stage']
  readonly plugin: string
  /** Of a channel's: the key of its message. */
  readonly subject: string
  readonly reason: string
  readonly attempts: number
  readonly version: string
  readonly retry_at: number | null
  readonly event: string | null
}

/** Nothing for a channel's whose message has been erased. */
export function toDeadLetter({ id, at, plugin, reason, attempts, version, retry_at, event }: LetterRow, message: Message | undefined): DeadLetter | undefined {
  const common = { id, at, plugin: fromText(plugin), reason: fromText(reason), attempts, version, ...(retry_at === null ? {} : { retryAt: retry_at }) }
  if (event !== null) return { ...common, stage: 'sink', event: JSON.parse(event) as CanonicalEvent }
  return message === undefined ? undefined : { ...common, stage: 'channel', message }
}

export interface QuarantineRow {
  readonly id: number
  readonly at: number
  readonly source: string
  readonly reason: string
  readonly raw: string
  readonly version: string
  /** 1: `raw` is an event. */
  readonly readable: number
}

export function toQuarantined({ id, at, source, reason, raw, version, readable }: QuarantineRow): Quarantined {
  const common = { id, at, source: fromText(source), reason: fromText(reason), version }
  const body = JSON.parse(raw) as unknown
  return readable === 1 ? { ...common, event: body as CanonicalEvent } : { ...common, raw: body }
}

/** What could not be read may be anything; what JSON cannot hold is kept as the text it shows itself as. */
export function toJson(raw: unknown): string {
  try {
    return JSON.stringify(raw) ?? 'null'
  } catch {
    return JSON.stringify(String(raw))
  }
}
