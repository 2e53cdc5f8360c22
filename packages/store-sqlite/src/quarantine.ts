import type { NewQuarantined, Page, Quarantined, QuarantineFilter, QuarantineTotal } from '@waymark/core'
import { fromText, type QuarantineRow, toJson, toQuarantined, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { amongIds, equals, olderThan, type Where, where } from './filters.ts'

export function quarantine(connection: Connection, items: readonly NewQuarantined[], now: number): void {
  const insert = connection.prepare('INSERT INTO quarantine (at, source, reason, raw, version, readable) VALUES (?, ?, ?, ?, ?, ?)')
  for (const item of items) {
    const { source, reason, version } = item
    const [raw, readable] = 'event' in item ? [JSON.stringify(item.event), 1] : [toJson(item.raw), 0]
    insert.run(now, toText(source), toText(reason), raw, version, readable)
  }
}

export function requarantine(connection: Connection, items: readonly { readonly id: number; readonly reason: string; readonly version: string }[]): void {
  const update = connection.prepare('UPDATE quarantine SET reason = ?, version = ? WHERE id = ?')
  for (const { id, reason, version } of items) update.run(toText(reason), version, id)
}

export function quarantined(connection: Connection, { limit, before, ...filter }: QuarantineFilter & Page): readonly Quarantined[] {
  const { sql, values } = where([...meant(filter), olderThan(before)])
  return connection.all<QuarantineRow>(`SELECT * FROM quarantine ${sql} ORDER BY id DESC LIMIT ?`, ...values, Math.max(0, limit)).map(toQuarantined)
}

export function quarantineTotals(connection: Connection): readonly QuarantineTotal[] {
  return connection
    .all<{ source: string; count: number; readable: number }>(
      'SELECT source, count(*) AS count, sum(readable) AS readable FROM quarantine GROUP BY source ORDER BY source',
    )
    .map(({ source, count, readable }) => ({ source: fromText(source), count, readable }))
}

export function removeQuarantined(connection: Connection, filter: QuarantineFilter): number {
  const { sql, values } = where(meant(filter))
  return connection.run(`DELETE FROM quarantine ${sql}`, ...values)
}

function meant({ ids, source }: QuarantineFilter): readonly (Where | undefined)[] {
  return [amongIds(ids), equals('source', source === undefined ? undefined : toText(source))]
}
