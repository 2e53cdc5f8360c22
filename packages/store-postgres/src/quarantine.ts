import type { NewQuarantined, Page, Quarantined, QuarantineFilter, QuarantineTotal } from '@waymark/core'
import { fromText, type QuarantineRow, toJson, toQuarantined, toText } from '@waymark/core/store-kit'
import type { Connection, Reader } from './connection.ts'
import { amongIds, type Condition, countOf, equals, olderThan, where } from './filters.ts'
import { numbers, texts } from './values.ts'

const QUARANTINE = `INSERT INTO quarantine (at, source, reason, raw, version, readable) SELECT $1, source, reason, raw, version, readable
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[]) WITH ORDINALITY AS misfit (source, reason, raw, version, readable, n) ORDER BY n`

export function quarantine(connection: Connection, items: readonly NewQuarantined[], now: number): void {
  if (items.length === 0) return
  connection.tell(
    QUARANTINE,
    now,
    texts(items.map(({ source }) => toText(source))),
    texts(items.map(({ reason }) => toText(reason))),
    texts(items.map((item) => ('event' in item ? JSON.stringify(item.event) : toJson(item.raw)))),
    texts(items.map(({ version }) => version)),
    numbers(items.map((item) => ('event' in item ? 1 : 0))),
  )
}

const REQUARANTINE = `UPDATE quarantine SET reason = again.reason, version = again.version
  FROM unnest($1::bigint[], $2::text[], $3::text[]) AS again (id, reason, version) WHERE quarantine.id = again.id`

export function requarantine(connection: Connection, items: readonly { readonly id: number; readonly reason: string; readonly version: string }[]): void {
  if (items.length === 0) return
  const ids = numbers(items.map(({ id }) => id))
  connection.tell(REQUARANTINE, ids, texts(items.map(({ reason }) => toText(reason))), texts(items.map(({ version }) => version)))
}

export async function quarantined(reader: Reader, { limit, before, ...filter }: QuarantineFilter & Page): Promise<readonly Quarantined[]> {
  const { sql, values } = where([...meant(filter), olderThan(before)])
  const page = `SELECT id, at, source, reason, raw, version, readable FROM quarantine WHERE ${sql} ORDER BY id DESC LIMIT $${values.length + 1}`
  return (await reader.all<QuarantineRow>(page, ...values, Math.max(0, limit))).map(toQuarantined)
}

const TOTALS = 'SELECT source, count(*) AS count, sum(readable) AS readable FROM quarantine GROUP BY source ORDER BY source'

export async function quarantineTotals(reader: Reader): Promise<readonly QuarantineTotal[]> {
  return (await reader.all<QuarantineTotal>(TOTALS)).map(({ source, count, readable }) => ({ source: fromText(source), count, readable }))
}

export async function removeQuarantined(connection: Connection, filter: QuarantineFilter): Promise<number> {
  const { sql, values } = where(meant(filter))
  return countOf(connection, `DELETE FROM quarantine WHERE ${sql} RETURNING id`, ...values)
}

function meant({ ids, source }: QuarantineFilter): readonly (Condition | undefined)[] {
  return [amongIds(ids), equals('source', source === undefined ? undefined : toText(source))]
}
