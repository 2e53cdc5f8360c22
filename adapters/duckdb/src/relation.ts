import { join, resolve } from 'node:path'
import type { WarehouseTable } from '@waymark/core'
import { WAREHOUSE_TABLES, type WarehouseColumn } from '@waymark/kit'
import type { LakeFile } from './catalog.ts'
import { textList } from './engine.ts'

const TYPES: Readonly<Record<WarehouseColumn['kind'], string>> = { text: 'VARCHAR', integer: 'BIGINT', json: 'JSON' }

/** The columns of a table with their types, for CREATE TABLE. */
export function columnTypes(table: WarehouseTable): string {
  return WAREHOUSE_TABLES[table].map(({ name, kind }) => `${name} ${TYPES[kind]}`).join(', ')
}

/** The id whose owner a row belongs to, as `Owners` writes it. */
export const KEY = "CASE WHEN user_id IS NOT NULL THEN 'user:' || user_id ELSE 'anonymous:' || anonymous_id END"

/**
 * A table as a SELECT over its files. Where ids changed hands since a file was written (`changed` names a table of `key` and `profile`), its rows look
 * their owner up; the others are read as they are. A file that lacks a column that came later has NULL in it.
 */
export function relationOf(
  folder: string,
  table: WarehouseTable,
  files: readonly LakeFile[],
  owners: { readonly version: number; readonly changed: string },
): string {
  const columns = WAREHOUSE_TABLES[table].map(({ name, kind }) => ({ name, type: TYPES[kind] }))
  if (files.length === 0) return `SELECT ${columns.map(({ name, type }) => `NULL::${type} AS ${name}`).join(', ')} WHERE FALSE`
  const settled = files.filter((file) => file.owners >= owners.version)
  const unsettled = files.filter((file) => file.owners < owners.version)
  const parts: string[] = []
  const names = columns.map(({ name }) => name)
  if (settled.length > 0) parts.push(`SELECT ${names.join(', ')} FROM ${scan(folder, settled)}`)
  if (unsettled.length > 0) {
    const read = names.map((name) => (name === 'profile' ? 'COALESCE(changed.profile, written.profile) AS profile' : `written.${name}`))
    parts.push(`SELECT ${read.join(', ')} FROM ${scan(folder, unsettled)} AS written LEFT JOIN ${owners.changed} AS changed ON changed.key = ${KEY}`)
  }
  return parts.join('\nUNION ALL\n')
}

/** Files as they were written. The day is in their folder's name, so that a query of certain days opens no others. */
export function scan(folder: string, files: readonly Pick<LakeFile, 'path'>[], more = ''): string {
  const paths = files.map(({ path }) => join(resolve(folder), path))
  return `read_parquet(${textList(paths)}, hive_partitioning = true, hive_types = {'day': VARCHAR}${more})`
}
