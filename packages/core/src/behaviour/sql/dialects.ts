import type { Dialect } from './dialect.ts'
import { bigquery } from './dialects/bigquery.ts'
import { clickhouse } from './dialects/clickhouse.ts'
import { duckdb } from './dialects/duckdb.ts'
import { postgres } from './dialects/postgres.ts'
import { snowflake } from './dialects/snowflake.ts'

export type DialectName = 'duckdb' | 'postgres' | 'bigquery' | 'snowflake' | 'clickhouse'

const dialects: Readonly<Record<DialectName, Dialect>> = { duckdb, postgres, bigquery, snowflake, clickhouse }

/** The databases that a condition can be asked of. */
export const DIALECTS: readonly DialectName[] = Object.keys(dialects) as DialectName[]

export function dialectOf(name: DialectName): Dialect {
  return dialects[name]
}
