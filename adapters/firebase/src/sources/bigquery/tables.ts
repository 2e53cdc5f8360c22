import type { BigQuery } from '@google-cloud/bigquery'
import type { BigQueryOptions } from './options.ts'

/** A table of the export. */
export interface ExportTable {
  readonly id: string
  /** `20260503`, in the property's time zone. */
  readonly day: string
  readonly isDaily: boolean
}

const NAME = /^events_(intraday_)?(\d{8})$/
const AGAIN = 4

/**
 * The tables to look at, oldest first: a day's own in place of what it had while it went on, those from the first day wanted on that were never read, and
 * the newest days again.
 */
export function tablesToRead(
  ids: readonly string[],
  { from, again = AGAIN, intraday = true }: BigQueryOptions,
  isRead: (id: string) => boolean,
): readonly ExportTable[] {
  const days = new Map<string, ExportTable>()
  for (const id of ids) {
    const [, during, day] = NAME.exec(id) ?? []
    if (day === undefined || (during !== undefined && (!intraday || days.get(day)?.isDaily === true))) continue
    days.set(day, { id, day, isDaily: during === undefined })
  }
  const tables = [...days.values()].sort((left, right) => (left.day < right.day ? -1 : 1))
  const newest = new Set(tables.slice(-again))
  const first = from?.replaceAll('-', '')
  return tables.filter((table) => (first === undefined ? newest.has(table) : table.day >= first && (newest.has(table) || !isRead(table.id))))
}

/** Names of all tables of the dataset. */
export async function tableIds(bigquery: BigQuery, dataset: string): Promise<readonly string[]> {
  const [tables] = await bigquery.dataset(dataset).getTables()
  return tables.flatMap(({ id }) => id ?? [])
}

/** When a table last changed, and its columns. */
export async function tableState(bigquery: BigQuery, dataset: string, id: string): Promise<{ readonly changed: string; readonly columns: readonly string[] }> {
  const [answer] = await bigquery.dataset(dataset).table(id).getMetadata()
  const metadata = answer as { lastModifiedTime?: string; schema?: { fields?: { name?: string }[] } }
  return { changed: String(metadata.lastModifiedTime ?? ''), columns: (metadata.schema?.fields ?? []).flatMap(({ name }) => name ?? []) }
}
