import { BIGINT, BOOLEAN, DOUBLE, type DuckDBConnection, type DuckDBResult, type DuckDBType, type DuckDBValue, SQLNULL, VARCHAR } from '@duckdb/node-api'
import { type QueryEstimate, type QueryOptions, type WarehouseTable, WaymarkError } from '@waymark/core'
import { WAREHOUSE_TABLES } from '@waymark/kit'
import { type Catalog, openCatalog } from './catalog.ts'
import type { Engine } from './engine.ts'
import { layChanged } from './owners.ts'
import { plain } from './plain.ts'
import { createQueue } from './queue.ts'
import { relationOf } from './relation.ts'

/** Asks the lake, in whatever process: it holds no lock, and sees what was committed before a query began. */
export interface Reader {
  query<Row>(sql: string, options: QueryOptions): AsyncGenerator<readonly Row[], void>
  estimate(sql: string, options: QueryOptions): Promise<QueryEstimate>
  close(): void
}

/** An erasure removes files at once: a query that was about to read one begins again, but not for ever. */
const TRIES = 5

export function createReader(engine: Engine, folder: string): Reader {
  const inTurn = createQueue()
  let catalog: Catalog | undefined
  let laid: number | undefined

  /** Views over the files as they are now. Those that read them at the moment see them as they were. */
  async function lay(connection: DuckDBConnection): Promise<void> {
    catalog ??= openCatalog(folder, { readOnly: true })
    const stamp = catalog?.stamp() ?? -1
    if (stamp === laid) return
    const files = catalog?.files() ?? []
    const owners = catalog === undefined ? { version: 0, changed: '' } : await layChanged(connection, `owners_${stamp}`, catalog, files)
    for (const table of Object.keys(WAREHOUSE_TABLES) as WarehouseTable[]) {
      const of = files.filter((file) => file.table === table)
      await connection.run(`CREATE OR REPLACE VIEW ${table} AS ${relationOf(folder, table, of, owners)}`)
    }
    if (laid !== undefined) await connection.run(`DROP TABLE IF EXISTS owners_${laid}`)
    laid = stamp
  }

  /** Starts a statement over the newest views, on a connection that is the caller's to close. */
  async function start(sql: string, { parameters = [] }: QueryOptions): Promise<{ connection: DuckDBConnection; result: DuckDBResult }> {
    for (let attempt = 1; ; attempt += 1) {
      const connection = await engine.connect()
      try {
        await inTurn(() => lay(connection))
        const values = parameters.map(bound)
        const result = await connection.stream(
          sql,
          values.map(({ value }) => value),
          values.map(({ type }) => type),
        )
        return { connection, result }
      } catch (cause) {
        connection.closeSync()
        if (attempt < TRIES && isGone(cause)) {
          laid = undefined
          continue
        }
        throw failed(cause, sql)
      }
    }
  }

  return {
    async *query(sql, options) {
      const { signal } = options
      signal?.throwIfAborted()
      const { connection, result } = await start(sql, options)
      const interrupt = () => connection.interrupt()
      signal?.addEventListener('abort', interrupt)
      try {
        const names = result.deduplicatedColumnNames()
        for (;;) {
          signal?.throwIfAborted()
          const chunk = await result.fetchChunk()
          if (chunk === null || chunk.rowCount === 0) return
          yield chunk.getRows().map((row) => Object.fromEntries(row.map((value, index) => [names[index], plain(value)]))) as never
        }
      } catch (cause) {
        signal?.throwIfAborted()
        throw failed(cause, sql)
      } finally {
        signal?.removeEventListener('abort', interrupt)
        connection.closeSync()
      }
    },
    async estimate(sql, options) {
      let rows = 0
      for await (const page of this.query<{ explain_value: string }>(`EXPLAIN (FORMAT json) ${sql}`, options)) {
        for (const { explain_value } of page) rows += scanned(JSON.parse(explain_value))
      }
      return { rows }
    },
    close: () => catalog?.close(),
  }
}

interface Plan {
  readonly name?: string
  readonly children?: readonly Plan[]
  readonly extra_info?: Readonly<Record<string, unknown>>
}

/** Rows that the scans of a plan are expected to give. */
function scanned(plan: Plan | readonly Plan[]): number {
  if (Array.isArray(plan)) return plan.reduce((sum: number, part: Plan) => sum + scanned(part), 0)
  const { name = '', children = [], extra_info: info = {} } = plan as Plan
  const own = /READ_PARQUET|PARQUET_SCAN/.test(name.toUpperCase()) ? Number(String(info['Estimated Cardinality'] ?? '0').replaceAll(/\D/g, '')) : 0
  return own + scanned(children)
}

/** Whole numbers as such, so that a bound on a column can be compared without reading all of it. */
function bound(value: string | number | boolean | null): { readonly value: DuckDBValue; readonly type: DuckDBType } {
  if (value === null) return { value, type: SQLNULL }
  if (typeof value === 'string') return { value, type: VARCHAR }
  if (typeof value === 'boolean') return { value, type: BOOLEAN }
  return Number.isSafeInteger(value) ? { value: BigInt(value), type: BIGINT } : { value, type: DOUBLE }
}

function isGone(error: unknown): boolean {
  return /No files found|No such file|Cannot open file/i.test(String(error))
}

function failed(cause: unknown, sql: string): WaymarkError {
  if (WaymarkError.is(cause)) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  return new WaymarkError('WAREHOUSE_QUERY_FAILED', said, { place: sql.length > 300 ? `${sql.slice(0, 300)}…` : sql, cause })
}
