import type { StoreReport } from '@waymark/core'
import { escapeIdentifier } from 'pg'
import { first, type Reader } from './connection.ts'
import { HOLDER } from './lock.ts'
import type { Settings } from './options.ts'

interface TableRow {
  readonly name: string
  readonly bytes: number
  readonly isWritable: boolean
}

const TABLES = `SELECT relname AS name, pg_total_relation_size(pg_class.oid) AS bytes,
  NOT pg_is_in_recovery() AND has_table_privilege(pg_class.oid, 'INSERT') AND has_table_privilege(pg_class.oid, 'UPDATE')
    AND has_table_privilege(pg_class.oid, 'DELETE') AS "isWritable"
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind = 'r' ORDER BY relname`

/** How the schema stands. What room there is on the server's disk only the server knows. */
export async function report(reader: Reader, { schema, place }: Settings): Promise<StoreReport> {
  const tables = await reader.all<TableRow>(TABLES, schema)
  const version = await first<{ version: number }>(reader, 'SELECT version FROM waymark_version')
  const damage: string[] = []
  for (const { name } of tables) damage.push(...(await faults(reader, name)))
  return {
    place,
    schema: version?.version ?? 0,
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
    logBytes: tables.find(({ name }) => name === 'log')?.bytes ?? 0,
    isWritable: tables.every(({ isWritable }) => isWritable),
    isInUse: (await first(reader, HOLDER, schema)) !== undefined,
    damage,
  }
}

/** Reads every value: a page whose checksum is wrong, or a value that has lost a part, fails. */
async function faults(reader: Reader, table: string): Promise<readonly string[]> {
  try {
    await reader.all(`SELECT count(every::text) FROM ${escapeIdentifier(table)} AS every`)
    return []
  } catch (error) {
    return [`${table}: ${error instanceof Error ? error.message : String(error)}`]
  }
}
