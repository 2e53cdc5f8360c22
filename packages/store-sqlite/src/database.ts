import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { WaymarkError } from '@waymark/core'

type Value = string | number | null

/** One connection with its statements, each prepared once. */
export interface Database {
  run(sql: string, ...values: Value[]): { readonly changes: number }
  get<Row>(sql: string, ...values: Value[]): Row | undefined
  all<Row>(sql: string, ...values: Value[]): Row[]
  exec(sql: string): void
  close(): void
}

/** Opens the file, making its folder where need be. WAL with `synchronous=FULL`: a commit that returned survives a power cut. */
export function openDatabase(path: string, options: { readonly readOnly?: boolean } = {}): Database {
  let connection: DatabaseSync
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    connection = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: 5_000 })
    connection.exec(
      options.readOnly
        ? 'PRAGMA cache_size = -16000'
        : 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -64000; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864',
    )
  } catch (error) {
    throw cannotOpen(path, error)
  }
  const prepared = new Map<string, StatementSync>()
  function statement(sql: string): StatementSync {
    let one = prepared.get(sql)
    if (one === undefined) {
      one = connection.prepare(sql)
      prepared.set(sql, one)
    }
    return one
  }
  return {
    run: (sql, ...values) => ({ changes: Number(statement(sql).run(...values).changes) }),
    get: <Row>(sql: string, ...values: Value[]) => statement(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: Value[]) => statement(sql).all(...values) as Row[],
    exec: (sql) => connection.exec(sql),
    close: () => connection.close(),
  }
}

export function cannotOpen(path: string, error: unknown): WaymarkError {
  const reason = error instanceof Error ? error.message : String(error)
  const isForeign = /not a database|malformed|corrupt/i.test(reason)
  return new WaymarkError(
    'STORE_UNREADABLE',
    isForeign ? `${path} is not a Waymark database, or it is damaged: ${reason}` : `${path} cannot be opened: ${reason}`,
    {
      place: path,
      mend: isForeign ? 'name another file, or bring back a copy of this one' : 'check that the folder exists, can be written to and has space left',
      cause: error,
    },
  )
}
