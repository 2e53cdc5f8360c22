import type { StoreSize } from '@waymark/core'
import type { Connection } from './connection.ts'

/** From the file's header, without reading the rest. */
export function size(connection: Connection): StoreSize {
  const page = pragma(connection, 'page_size')
  return { bytes: pragma(connection, 'page_count') * page, freeBytes: pragma(connection, 'freelist_count') * page }
}

/** Of the log with its index; looks at every page of the two. */
export function logBytes(connection: Connection): number {
  const sql = "SELECT coalesce(sum(pgsize), 0) AS bytes FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = 'log') AND aggregate = TRUE"
  return connection.get<{ bytes: number }>(sql)?.bytes ?? 0
}

function pragma(connection: Connection, name: 'page_size' | 'page_count' | 'freelist_count'): number {
  return Number(Object.values(connection.get<object>(`PRAGMA ${name}`) ?? {})[0])
}
