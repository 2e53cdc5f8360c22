import { isObject } from '@waymark/core'
import type { VendorAnswer, VendorRequest } from '../vendor-server.ts'
import { EXPORT_COLUMNS, encodeRow } from './export-schema.ts'

export type ExportRow = Readonly<Record<string, unknown>>

/** A table of the export; `changed` is a number that differs whenever its rows do. */
export interface ExportTable {
  rows: readonly ExportRow[]
  changed: number
  /** Rows still stream in: none can be deleted. */
  isStreaming?: boolean
}

interface Job {
  readonly id: string
  readonly rows: readonly ExportRow[]
  readonly columns: typeof EXPORT_COLUMNS
  readonly failure?: { readonly reason: string; readonly message: string }
}

/** A dataset of BigQuery: tables listed and described, `SELECT … ORDER BY event_timestamp` and `DELETE … WHERE user_id IN …` as jobs, results by page token. */
export interface ExportServer {
  readonly tables: Map<string, ExportTable>
  /** Texts of all queries that were made, dry runs left out. */
  readonly queries: string[]
  readonly dryRuns: string[]
  answer(request: VendorRequest): VendorAnswer
}

const BYTES_A_ROW = 1000

export function createExport(): ExportServer {
  const tables = new Map<string, ExportTable>()
  const jobs = new Map<string, Job>()
  const queries: string[] = []
  const dryRuns: string[] = []

  function insert(body: Record<string, unknown>): VendorAnswer {
    const configuration = (body['configuration'] ?? {}) as {
      dryRun?: boolean
      query?: { query?: string; queryParameters?: unknown; maximumBytesBilled?: string }
    }
    const text = configuration.query?.query ?? ''
    const named = [...text.matchAll(/FROM `[^`]*\.([^`.]+)`/g)].map(([, id]) => id as string)
    const missing = named.find((id) => !tables.has(id))
    if (missing !== undefined) return failure(404, `Not found: Table ${missing}`)
    const bytes = named.reduce((sum, id) => sum + tables.get(id)!.rows.length * BYTES_A_ROW, 0)
    const statistics = { totalBytesProcessed: String(bytes) }
    if (configuration.dryRun === true) {
      dryRuns.push(text)
      return { status: 200, body: { kind: 'bigquery#job', jobReference: body['jobReference'], statistics, status: { state: 'DONE' }, configuration } }
    }
    if (bytes > Number(configuration.query?.maximumBytesBilled ?? Number.POSITIVE_INFINITY)) return failure(400, 'Query exceeded limit for bytes billed')
    queries.push(text)
    const reference = { projectId: 'p', ...(isObject(body['jobReference']) ? body['jobReference'] : {}) } as { jobId?: string }
    const id = reference.jobId ?? `job-${jobs.size}`
    jobs.set(id, text.startsWith('DELETE') ? remove(id, named, configuration.query?.queryParameters) : select(id, text, named[0]!))
    return { status: 200, body: { ...describe(jobs.get(id)!), statistics } }
  }

  function select(id: string, text: string, table: string): Job {
    const names = (/SELECT (.*?) FROM/s.exec(text)?.[1] ?? '').split(',').map((name) => name.trim())
    const columns = names.flatMap((name) => EXPORT_COLUMNS.find((column) => column.name === name) ?? [])
    const rows = [...tables.get(table)!.rows].sort((left, right) => Number(left['event_timestamp']) - Number(right['event_timestamp']))
    return { id, rows, columns }
  }

  function remove(id: string, named: readonly string[], parameters: unknown): Job {
    if (named.some((name) => tables.get(name)!.isStreaming === true)) {
      return { id, rows: [], columns: [], failure: { reason: 'invalidQuery', message: 'rows in the streaming buffer cannot be deleted' } }
    }
    const ids = new Set(valuesIn(parameters))
    for (const name of named) {
      const table = tables.get(name)!
      table.rows = table.rows.filter((row) => !ids.has(String(row['user_id'])) && !ids.has(String(row['user_pseudo_id'])))
      table.changed += 1
    }
    return { id, rows: [], columns: [] }
  }

  function results(job: Job, query: URLSearchParams): VendorAnswer {
    const from = Number(query.get('pageToken') ?? 0)
    const to = Math.min(from + Number(query.get('maxResults') ?? job.rows.length), job.rows.length)
    return {
      status: 200,
      body: {
        jobReference: { projectId: 'p', jobId: job.id },
        jobComplete: true,
        totalRows: String(job.rows.length),
        schema: { fields: job.columns },
        rows: job.rows.slice(from, to).map((row) => encodeRow(row, job.columns)),
        ...(to < job.rows.length ? { pageToken: String(to) } : {}),
      },
    }
  }

  return {
    tables,
    queries,
    dryRuns,
    answer({ method, path, query, json }) {
      const [, kind = '', id = ''] = /\/projects\/[^/]+\/(datasets\/[^/]+\/tables|datasets|jobs|queries)\/?([^/]*)$/.exec(path) ?? []
      if (kind === 'jobs' && method === 'POST') return insert(isObject(json) ? json : {})
      if (kind === 'datasets') return { status: 200, body: { kind: 'bigquery#dataset' } }
      if (kind.endsWith('/tables') && id === '') {
        return {
          status: 200,
          body: { tables: [...tables.keys()].sort().map((tableId) => ({ id: `p:d.${tableId}`, tableReference: { projectId: 'p', datasetId: 'd', tableId } })) },
        }
      }
      const table = kind.endsWith('/tables') ? tables.get(id) : undefined
      if (table !== undefined) return { status: 200, body: { lastModifiedTime: String(table.changed), schema: { fields: EXPORT_COLUMNS } } }
      const job = jobs.get(id)
      if (job === undefined) return failure(404, `Not found: ${path}`)
      return kind === 'jobs' ? { status: 200, body: describe(job) } : results(job, query)
    },
  }
}

function describe(job: Job): object {
  return {
    kind: 'bigquery#job',
    jobReference: { projectId: 'p', jobId: job.id },
    status: { state: 'DONE', ...(job.failure === undefined ? {} : { errorResult: job.failure }) },
  }
}

function failure(code: number, message: string): VendorAnswer {
  return { status: code, body: { error: { code, message, errors: [{ reason: code === 404 ? 'notFound' : 'invalid', message }] } } }
}

/** All texts of the query's parameters, which are lists. */
function valuesIn(parameters: unknown): readonly string[] {
  if (Array.isArray(parameters)) return parameters.flatMap(valuesIn)
  if (!isObject(parameters)) return []
  return [
    ...(typeof parameters['value'] === 'string' ? [parameters['value']] : []),
    ...valuesIn(parameters['parameterValue']),
    ...valuesIn(parameters['arrayValues']),
  ]
}
