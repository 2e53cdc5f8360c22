import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

/** One connection and the statements prepared on it. A statement belongs to its connection, so each keeps its own. */
export interface Connection {
  readonly database: DatabaseSync
  /** Prepared once for each text. */
  prepare(sql: string): StatementSync
  all<Row>(sql: string, ...values: SQLInputValue[]): readonly Row[]
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined
  /** How many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number
}

export function connect(path: string, options: { readonly readOnly?: boolean } = {}): Connection {
  const database = new DatabaseSync(path, options)
  const statements = new Map<string, StatementSync>()

  function prepare(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }

  return {
    database,
    prepare,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as Row[],
    get: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as Row | undefined,
    run: (sql, ...values) => Number(prepare(sql).run(...values).changes),
  }
}
