import type { BigQuery, Job } from '@google-cloud/bigquery'
import type { CanonicalEvent, Json, PluginContext, Source, SourcePage } from '@waymark/core'
import { isObject } from '@waymark/core'
import type { EventMapping, Reading } from '@waymark/kit'
import type { GoogleClients } from '../../google/clients.ts'
import { createNews } from '../news.ts'
import type { BigQueryOptions } from './options.ts'
import type { Row, RowArrival } from './row.ts'
import { COLUMNS, fromRow } from './row.ts'
import type { ExportTable } from './tables.ts'
import { tableIds, tableState, tablesToRead } from './tables.ts'

const HOUR = 3_600_000
const PAGE_ROWS = 2000

/** How far it has come: when each table that was read had last changed, and where in which one it is. */
interface Cursor {
  readonly read: Readonly<Record<string, string>>
  readonly at?: {
    readonly table: string
    readonly changed: string
    readonly job: string
    readonly location?: string
    readonly token: string
    readonly rows: number
  }
}

export interface Exporting {
  readonly options: BigQueryOptions
  readonly clients: GoogleClients
  readonly project: string
  readonly source: string
  readonly echo: string | undefined
  readonly mapping: EventMapping | undefined
}

/** The rows of Google Analytics' export, table by table, oldest first. A table is read again when it has changed, and its rows are known by their message ids. */
export function bigQuerySource(exporting: Exporting): Source {
  const { options } = exporting
  return { name: 'bigquery', every: options.every ?? HOUR, pull: (cursor, context) => pull(exporting, readCursor(cursor), context) }
}

async function* pull(exporting: Exporting, cursor: Cursor, context: PluginContext): AsyncIterable<SourcePage> {
  const { options, clients, source, echo, mapping } = exporting
  const bigquery = await clients.bigquery()
  const news = createNews()
  const ids = await tableIds(bigquery, options.dataset)
  const tables = tablesToRead(ids, options, (id) => cursor.read[id] !== undefined)
  // What is gone, or too old to be looked at again, need not be remembered; but that it was read must.
  let read = Object.fromEntries(Object.entries(cursor.read).filter(([id]) => ids.includes(id)))
  for (const [place, table] of tables.entries()) {
    if (context.signal.aborted) return
    const { changed, columns } = await tableState(bigquery, options.dataset, table.id)
    const resumed = cursor.at?.table === table.id && cursor.at.changed === changed ? cursor.at : undefined
    if (read[table.id] === changed && resumed === undefined) continue
    const again = resumed === undefined ? undefined : await resume(bigquery, resumed, options)
    const job = again?.job ?? (await begin(bigquery, exporting, table, columns, context))
    let token: string | undefined
    let rows = again === undefined ? 0 : (resumed?.rows ?? 0)
    let page = again?.page ?? (await pageOf(job, undefined, options))
    do {
      if (token !== undefined) page = await pageOf(job, token, options)
      token = page.token
      rows += page.rows.length
      const arrival: RowArrival = { source, echo, mapping, news, receivedAt: context.clock.now() }
      const readings = page.rows.flatMap((row) => fromRow(row, arrival))
      await setAside(readings, source, context)
      const isDone = token === undefined
      if (isDone) read = { ...read, [table.id]: changed }
      yield {
        events: readings.flatMap((reading): CanonicalEvent[] => (reading.kind === 'event' ? [reading.event] : [])),
        cursor: { read, ...(token === undefined ? {} : { at: { table: table.id, changed, token, rows, ...jobIn(job) } }) } as unknown as Json,
        progress: `${table.id} (table ${place + 1} of ${tables.length}): ${rows} of ${page.total} rows`,
      }
    } while (token !== undefined)
  }
}

/** Starts the query, after saying what it will cost. */
async function begin(
  bigquery: BigQuery,
  { options, project }: Exporting,
  table: ExportTable,
  columns: readonly string[],
  context: PluginContext,
): Promise<Job> {
  const wanted = COLUMNS.filter((column) => columns.includes(column))
  const query = `SELECT ${wanted.join(', ')} FROM \`${project}.${options.dataset}.${table.id}\` ORDER BY event_timestamp`
  const configuration = { query, ...location(options.location) }
  const [estimate] = await bigquery.createQueryJob({ ...configuration, dryRun: true })
  const { totalBytesProcessed } = ((estimate.metadata as { statistics?: { totalBytesProcessed?: string } } | undefined)?.statistics ?? {}) as {
    totalBytesProcessed?: string
  }
  context.log.info('a query to BigQuery is about to be made', { table: table.id, bytes: Number(totalBytesProcessed ?? 0) })
  const most = options.maximumBytesBilled === undefined ? {} : { maximumBytesBilled: String(options.maximumBytesBilled) }
  const [job] = await bigquery.createQueryJob({ ...configuration, ...most })
  return job
}

/** Goes on in a query of before. Undefined when BigQuery has its result no longer, a day later: the table is then read from its beginning. */
async function resume(
  bigquery: BigQuery,
  { job: id, location: where, token }: NonNullable<Cursor['at']>,
  options: BigQueryOptions,
): Promise<{ readonly job: Job; readonly page: RowPage } | undefined> {
  const job = bigquery.job(id, location(where))
  try {
    return { job, page: await pageOf(job, token, options) }
  } catch (error) {
    if ((error as { code?: unknown }).code === 404) return undefined
    throw error
  }
}

interface RowPage {
  readonly rows: readonly Row[]
  readonly token: string | undefined
  readonly total: string
}

/** A page of a query's result. Integers come wrapped: unwrapped, the client would round those beyond 2^53. */
async function pageOf(job: Job, pageToken: string | undefined, { pageRows: maxResults = PAGE_ROWS }: BigQueryOptions): Promise<RowPage> {
  const [rows, , answer] = await job.getQueryResults({ autoPaginate: false, maxResults, wrapIntegers: true, ...(pageToken === undefined ? {} : { pageToken }) })
  const token = answer?.pageToken
  return { rows: rows as readonly Row[], token: token === null || token === '' ? undefined : token, total: String(answer?.totalRows ?? '?') }
}

async function setAside(readings: readonly Reading[], source: string, context: PluginContext): Promise<void> {
  const unreadable = readings.flatMap((reading) => (reading.kind === 'rejected' ? [{ source, reason: reading.reason, raw: reading.raw }] : []))
  if (unreadable.length > 0) await context.quarantine(unreadable)
}

function jobIn(job: Job): { readonly job: string; readonly location?: string } {
  const where = job.location
  return { job: job.id ?? '', ...(where === undefined ? {} : { location: where }) }
}

function location(name: string | undefined): { location?: string } {
  return name === undefined ? {} : { location: name }
}

function readCursor(cursor: Json | undefined): Cursor {
  return isObject(cursor) && isObject(cursor['read']) ? (cursor as unknown as Cursor) : { read: {} }
}
