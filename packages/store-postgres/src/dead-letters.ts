import type { CanonicalEvent, DeadLetter, DeadLetterFilter, DeadLetterTotal, NewDeadLetter, Page } from '@waymark/core'
import { fromText, type LetterRow, toDeadLetter, toText } from '@waymark/core/store-kit'
import { bounded } from './bounded.ts'
import { type Connection, first, type Reader } from './connection.ts'
import { amongIds, type Condition, countOf, equals, olderThan, where } from './filters.ts'
import { messagesByKey } from './messages.ts'
import { numbers, texts } from './values.ts'

const COLUMNS = 'id, at, stage, plugin, subject, reason, attempts, version, retry_at, event'

const WRITE = `INSERT INTO dead_letters (at, stage, plugin, subject, reason, attempts, version, retry_at, event)
  SELECT at, stage, plugin, subject, reason, attempts, version, retry_at, event
  FROM unnest($1::double precision[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::double precision[], $9::text[])
    WITH ORDINALITY AS letter (at, stage, plugin, subject, reason, attempts, version, retry_at, event, n) ORDER BY n
  ON CONFLICT (plugin, stage, subject) DO UPDATE SET at = excluded.at, reason = excluded.reason, attempts = excluded.attempts,
    version = excluded.version, retry_at = excluded.retry_at, event = excluded.event`

/** A second one of the same event or message takes the place of the first, and its id. */
export function deadLetter(connection: Connection, letters: readonly NewDeadLetter[]): void {
  const last = [...new Map(letters.map((letter) => [JSON.stringify([letter.plugin, letter.stage, subjectOf(letter)]), letter])).values()]
  if (last.length === 0) return
  connection.tell(
    WRITE,
    numbers(last.map(({ at }) => at)),
    texts(last.map(({ stage }) => stage)),
    texts(last.map(({ plugin }) => toText(plugin))),
    texts(last.map(subjectOf)),
    texts(last.map(({ reason }) => toText(reason))),
    numbers(last.map(({ attempts }) => attempts)),
    texts(last.map(({ version }) => version)),
    numbers(last.map(({ retryAt }) => retryAt ?? null)),
    texts(last.map((letter) => (letter.stage === 'sink' ? JSON.stringify(letter.event) : null))),
  )
}

/** Of a message its key as it is stored, for the message is found by it. */
function subjectOf(letter: NewDeadLetter): string {
  return letter.stage === 'sink' ? bounded(toText(pairOf(letter.event))) : toText(letter.key)
}

function pairOf({ source, messageId }: CanonicalEvent): string {
  return JSON.stringify([source, messageId])
}

export async function deadLetters(reader: Reader, { limit, before, ...filter }: DeadLetterFilter & Page): Promise<readonly DeadLetter[]> {
  const { sql, values } = where([...meant(filter), olderThan(before)])
  const page = `SELECT ${COLUMNS} FROM dead_letters WHERE ${sql} ORDER BY id DESC LIMIT $${values.length + 1}`
  return toLetters(reader, await reader.all<LetterRow>(page, ...values, Math.max(0, limit)))
}

const TOTALS = 'SELECT plugin, stage, count(*) AS count, count(retry_at) AS waiting FROM dead_letters GROUP BY plugin, stage ORDER BY plugin, stage'

export async function deadLetterTotals(reader: Reader): Promise<readonly DeadLetterTotal[]> {
  return (await reader.all<DeadLetterTotal>(TOTALS)).map(({ plugin, ...total }) => ({ plugin: fromText(plugin), ...total }))
}

const TO_RETRY = "plugin = $1 AND retry_at IS NOT NULL AND stage = 'sink'"

export async function nextRetry(reader: Reader, plugin: string): Promise<number | undefined> {
  const sql = `SELECT retry_at AS at FROM dead_letters WHERE ${TO_RETRY} ORDER BY retry_at LIMIT 1`
  return (await first<{ at: number }>(reader, sql, toText(plugin)))?.at
}

const DUE = `SELECT ${COLUMNS} FROM dead_letters WHERE ${TO_RETRY} AND retry_at <= $2 ORDER BY retry_at, id LIMIT $3`

export async function dueDeadLetters(reader: Reader, plugin: string, now: number, limit: number): Promise<readonly DeadLetter[]> {
  return toLetters(reader, await reader.all<LetterRow>(DUE, toText(plugin), now, Math.max(0, limit)))
}

/** A channel's message goes back into the outbox, as if it had never been tried. */
export async function retryDeadLetters(connection: Connection, filter: DeadLetterFilter, now: number): Promise<number> {
  const { sql, values } = where(meant(filter))
  const at = `$${values.length + 1}::double precision`
  const retry = `WITH messages_again AS (DELETE FROM dead_letters WHERE ${sql} AND stage = 'channel' RETURNING subject),
      requeued AS (UPDATE messages SET state = 'queued', reason = NULL, attempts = 0, not_before = ${at}, due_at = ${at}, unclear_since = NULL
        WHERE key IN (SELECT subject FROM messages_again) AND state IN ('rejected', 'unknown', 'dead')),
      events_again AS (UPDATE dead_letters SET retry_at = ${at}, attempts = 0 WHERE ${sql} AND stage = 'sink' RETURNING id)
    SELECT (SELECT count(*) FROM messages_again) + (SELECT count(*) FROM events_again) AS count`
  return (await first<{ count: number }>(connection, retry, ...values, now))?.count ?? 0
}

export async function removeDeadLetters(connection: Connection, filter: DeadLetterFilter): Promise<number> {
  const { sql, values } = where(meant(filter))
  return countOf(connection, `DELETE FROM dead_letters WHERE ${sql} RETURNING id`, ...values)
}

function meant({ ids, plugin }: DeadLetterFilter): readonly (Condition | undefined)[] {
  return [amongIds(ids), equals('plugin', plugin === undefined ? undefined : toText(plugin))]
}

async function toLetters(reader: Reader, rows: readonly LetterRow[]): Promise<readonly DeadLetter[]> {
  const keys = rows.flatMap(({ stage, subject }) => (stage === 'channel' ? [subject] : []))
  const found = await messagesByKey(reader, keys)
  return rows.flatMap((row) => toDeadLetter(row, found.get(row.subject)) ?? [])
}
