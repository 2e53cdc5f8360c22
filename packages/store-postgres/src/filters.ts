import { type Connection, first } from './connection.ts'
import { numbers, type Value } from './values.ts'

/** Conditions joined by AND, and their values, numbered from `$1` on. None is always true. */
export interface Where {
  readonly sql: string
  readonly values: readonly Value[]
}

/** A condition with `?` where its value stands. */
export interface Condition {
  readonly sql: string
  readonly value: Value
}

export function where(conditions: readonly (Condition | undefined)[]): Where {
  const there = conditions.filter((condition) => condition !== undefined)
  return {
    sql: there.map(({ sql }, index) => sql.replace('?', `$${index + 1}`)).join(' AND ') || 'true',
    values: there.map(({ value }) => value),
  }
}

export function amongIds(ids: readonly number[] | undefined): Condition | undefined {
  return ids === undefined ? undefined : { sql: 'id = ANY(?::bigint[])', value: numbers(ids) }
}

export function equals(column: string, text: string | undefined): Condition | undefined {
  return text === undefined ? undefined : { sql: `${column} = ?`, value: text }
}

export function olderThan(before: number | undefined): Condition | undefined {
  return before === undefined ? undefined : { sql: 'id < ?', value: before }
}

/** How many rows a statement that ends in RETURNING has changed. */
export async function countOf(connection: Connection, sql: string, ...values: Value[]): Promise<number> {
  return (await first<{ count: number }>(connection, `WITH changed AS (${sql}) SELECT count(*) AS count FROM changed`, ...values))?.count ?? 0
}

/** Deletes what is from before a moment, and then the oldest beyond a number; at most `limit` rows of each. Returns how many. */
export async function expire(
  connection: Connection,
  table: 'dead_letters' | 'quarantine',
  { before, most, limit }: { readonly before: number; readonly most: number; readonly limit: number },
): Promise<number> {
  const old = `SELECT id FROM ${table} WHERE at < $1 ORDER BY at LIMIT $2`
  const beyond = `SELECT id FROM ${table} ORDER BY id LIMIT (SELECT least($1::bigint, greatest(0, count(*) - $2::bigint)) FROM ${table})`
  const removed = await countOf(connection, `DELETE FROM ${table} WHERE id IN (${old}) RETURNING id`, before, limit)
  return removed + (await countOf(connection, `DELETE FROM ${table} WHERE id IN (${beyond}) RETURNING id`, limit, most))
}
