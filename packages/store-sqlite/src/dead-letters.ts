import type { CanonicalEvent, DeadLetter, DeadLetterFilter, DeadLetterTotal, NewDeadLetter, Page } from '@waymark/core'
import { fromText, type LetterRow, toDeadLetter, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { amongIds, equals, olderThan, type Where, where } from './filters.ts'
import { requeue, rowOf } from './messages.ts'

/** A second one of the same event or message takes the place of the first, and its id. */
export function deadLetter(connection: Connection, letters: readonly NewDeadLetter[]): void {
  const insert = connection.prepare(
    `INSERT INTO dead_letters (at, stage, plugin, subject, reason, attempts, version, retry_at, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (plugin, stage, subject) DO UPDATE SET at = excluded.at, reason = excluded.reason, attempts = excluded.attempts,
       version = excluded.version, retry_at = excluded.retry_at, event = excluded.event`,
  )
  for (const letter of letters) {
    const { at, stage, plugin, reason, attempts, version, retryAt = null } = letter
    const [subject, event] = letter.stage === 'sink' ? [subjectOf(letter.event), JSON.stringify(letter.event)] : [toText(letter.key), null]
    insert.run(at, stage, toText(plugin), subject, toText(reason), attempts, version, retryAt, event)
  }
}

function subjectOf({ source, messageId }: CanonicalEvent): string {
  return toText(JSON.stringify([source, messageId]))
}

export function deadLetters(connection: Connection, { limit, before, ...filter }: DeadLetterFilter & Page): readonly DeadLetter[] {
  const { sql, values } = where([...meant(filter), olderThan(before)])
  const rows = connection.all<LetterRow>(`SELECT * FROM dead_letters ${sql} ORDER BY id DESC LIMIT ?`, ...values, Math.max(0, limit))
  return rows.flatMap((row) => toLetter(connection, row))
}

export function deadLetterTotals(connection: Connection): readonly DeadLetterTotal[] {
  const sql = 'SELECT plugin, stage, count(*) AS count, count(retry_at) AS waiting FROM dead_letters GROUP BY plugin, stage ORDER BY plugin, stage'
  return connection.all<DeadLetterTotal>(sql).map(({ plugin, stage, count, waiting }) => ({ plugin: fromText(plugin), stage, count, waiting }))
}

const TO_RETRY = "plugin = ? AND retry_at IS NOT NULL AND stage = 'sink'"

export function nextRetry(connection: Connection, plugin: string): number | undefined {
  const sql = `SELECT retry_at AS at FROM dead_letters INDEXED BY dead_letters_to_retry WHERE ${TO_RETRY} ORDER BY retry_at LIMIT 1`
  return connection.get<{ at: number }>(sql, toText(plugin))?.at
}

export function dueDeadLetters(connection: Connection, plugin: string, now: number, limit: number): readonly DeadLetter[] {
  const sql = `SELECT * FROM dead_letters INDEXED BY dead_letters_to_retry WHERE ${TO_RETRY} AND retry_at <= ? ORDER BY retry_at, id LIMIT ?`
  return connection.all<LetterRow>(sql, toText(plugin), now, Math.max(0, limit)).flatMap((row) => toLetter(connection, row))
}

export function retryDeadLetters(connection: Connection, filter: DeadLetterFilter, now: number): number {
  const { sql, values } = where([...meant(filter), { sql: 'stage = ?', values: ['channel'] }])
  for (const { subject } of connection.all<{ subject: string }>(`SELECT subject FROM dead_letters ${sql}`, ...values)) requeue(connection, subject, now)
  const requeued = connection.run(`DELETE FROM dead_letters ${sql}`, ...values)
  const left = where(meant(filter))
  return requeued + connection.run(`UPDATE dead_letters SET retry_at = ?, attempts = 0 ${left.sql}`, now, ...left.values)
}

export function removeDeadLetters(connection: Connection, filter: DeadLetterFilter): number {
  const { sql, values } = where(meant(filter))
  return connection.run(`DELETE FROM dead_letters ${sql}`, ...values)
}

function meant({ ids, plugin }: DeadLetterFilter): readonly (Where | undefined)[] {
  return [amongIds(ids), equals('plugin', plugin === undefined ? undefined : toText(plugin))]
}

function toLetter(connection: Connection, row: LetterRow): readonly DeadLetter[] {
  const letter = toDeadLetter(row, row.stage === 'channel' ? rowOf(connection, row.subject) : undefined)
  return letter === undefined ? [] : [letter]
}
