import { DuckDBInstance } from '@duckdb/node-api'
import { startPostgresIfPossible } from '@waymark/testkit/postgres'
import { Client, types } from 'pg'

/** A database to ask. Whole numbers come back as numbers. */
export interface Database {
  readonly name: string
  readonly dialect: 'duckdb' | 'postgres'
  /** The type of a column of JSON. */
  readonly json: string
  run(sql: string): Promise<void>
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
  close(): Promise<void>
}

export async function openDuckDB(): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  return {
    name: 'DuckDB',
    dialect: 'duckdb',
    json: 'JSON',
    run: async (sql) => {
      await connection.run(sql)
    },
    rows: async (sql) =>
      (await connection.runAndReadAll(sql)).getRowsJS().map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value))),
    close: async () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** A PostgreSQL of its own; undefined where none can be started. */
export async function openPostgres(): Promise<Database | undefined> {
  // Nothing here has to outlive a crash.
  const server = await startPostgresIfPossible({ settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } })
  if (server === undefined) return undefined
  const client = new Client(server.url())
  types.setTypeParser(types.builtins.INT8, Number)
  await client.connect()
  await client.query("SET jit = off; SET enable_nestloop = off; SET work_mem = '64MB'; SET max_parallel_workers_per_gather = 0")
  return {
    name: 'PostgreSQL',
    dialect: 'postgres',
    json: 'JSONB',
    run: async (sql) => {
      await client.query(sql)
    },
    rows: async (sql) => (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows,
    close: async () => {
      await client.end()
      await server.close()
    },
  }
}
