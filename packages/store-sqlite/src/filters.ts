import type { Connection } from './connection.ts'

/** Conditions and their values, joined by AND. None is always true. */
export interface Where {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

export function where(conditions: readonly (Where | undefined)[]): Where {
  const there = conditions.filter((condition) => condition !== undefined)
  if (there.length === 0) return { sql: '', values: [] }
  return { sql: `WHERE ${there.map(({ sql }) => sql).join(' AND ')}`, values: there.flatMap(({ values }) => values) }
}

/** Ids as one JSON text, so that the statement is the same however many there are. */
export function amongIds(ids: readonly number[] | undefined): Where | undefined {
  return ids === undefined ? undefined : { sql: 'id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(ids)] }
}

export function equals(column: string, text: string | undefined): Where | undefined {
  return text === undefined ? undefined : { sql: `${column} = ?`, values: [text] }
}

export function olderThan(before: number | undefined): Where | undefined {
  return before === undefined ? undefined : { sql: 'id < ?', values: [before] }
}

/** Deletes what is from before a moment, and then the oldest beyond a number; at most `limit` rows of each. Returns how many. */
export function expire(
  connection: Connection,
  table: 'dead_letters' | 'quarantine',
  { before, most, limit }: { readonly before: number; readonly most: number; readonly limit: number },
): number {
  const old = connection.run(`DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE at < ? ORDER BY at LIMIT ?)`, before, limit)
  const beyond = `SELECT id FROM ${table} ORDER BY id LIMIT min(?, max(0, (SELECT count(*) FROM ${table}) - ?))`
  return old + connection.run(`DELETE FROM ${table} WHERE id IN (${beyond})`, limit, most)
}
