import type { Subject } from '@waymark/core'
import { textOfError } from '@waymark/kit'
import type { GoogleClients } from '../google/clients.ts'
import type { BigQueryOptions } from '../sources/bigquery/options.ts'
import { tableIds } from '../sources/bigquery/tables.ts'
import type { Deletion } from './analytics.ts'

const EXPORT = /^events_(intraday_)?\d{8}$/

/** Rows that streamed in lately cannot be deleted for so long. */
const STREAMING_MS = 90 * 60_000

/** Deletes the rows of a person from all tables of the export, in one job, which may take its time. */
export async function deleteRows(subject: Subject, project: string, { dataset, location }: BigQueryOptions, clients: GoogleClients): Promise<Deletion> {
  const bigquery = await clients.bigquery()
  const tables = (await tableIds(bigquery, dataset)).filter((id) => EXPORT.test(id))
  if (tables.length === 0) return { status: 'confirmed', detail: 'BigQuery: no tables' }
  const query = tables
    .map((id) => `DELETE FROM \`${project}.${dataset}.${id}\` WHERE user_id IN UNNEST(@users) OR user_pseudo_id IN UNNEST(@devices)`)
    .join(';\n')
  const [job] = await bigquery.createQueryJob({
    query,
    params: { users: [...subject.userIds], devices: [...subject.anonymousIds] },
    types: { users: ['STRING'], devices: ['STRING'] },
    ...(location === undefined ? {} : { location }),
  })
  return rowsDeleted({ id: job.id ?? '', ...(job.location === undefined ? {} : { location: job.location }) }, clients)
}

/** How the job stands. */
export async function rowsDeleted(job: { readonly id: string; readonly location?: string }, clients: GoogleClients): Promise<Deletion> {
  const bigquery = await clients.bigquery()
  const [metadata] = await bigquery.job(job.id, job.location === undefined ? {} : { location: job.location }).getMetadata()
  const { status } = metadata as { status?: { state?: string; errorResult?: { reason?: string; message?: string } } }
  if (status?.state !== 'DONE') return { status: 'requested', detail: 'BigQuery: rows are being deleted', job }
  if (status.errorResult === undefined) return { status: 'confirmed', detail: 'BigQuery: rows deleted' }
  const reason = `BigQuery: ${textOfError(new Error(status.errorResult.message ?? status.errorResult.reason ?? 'the job failed'))}`
  return /streaming buffer|rateLimit|backendError|internalError/i.test(`${reason} ${status.errorResult.reason ?? ''}`)
    ? { status: 'retry', reason, afterMs: STREAMING_MS }
    : { status: 'failed', reason }
}
