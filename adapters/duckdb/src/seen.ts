import type { DuckDBConnection } from '@duckdb/node-api'
import type { WarehouseTable } from '@waymark/core'
import type { Catalog } from './catalog.ts'
import { rowsOf, text } from './engine.ts'
import { scan } from './relation.ts'

/**
 * Knows which events the lake has. Of the days that are being written it keeps a hash of each event, eight bytes; an event whose
 * hash is there is looked up in the files of its day, so that what it says is exact.
 */
export interface Seen {
  /** The (source, message id) of staged rows that the lake has already. */
  known(table: WarehouseTable, staging: string, days: readonly string[]): Promise<readonly (readonly [source: string, messageId: string])[]>
  /** What is staged is in the lake now. */
  add(table: WarehouseTable, staging: string, days: readonly string[]): Promise<void>
}

/** Days kept. A thousand days, each of a few events, take little; a few large ones are bounded by `MOST_HASHES`. */
const MOST_DAYS = 1_000
/** Hashes kept over all days but the newest used: 80 MB. */
const MOST_HASHES = 10_000_000

const HASH = 'hash(source, message_id)'

export function createSeen(connection: DuckDBConnection, catalog: Catalog, folder: string): Seen {
  /** The name and number of hashes of each day, the longest unused first. */
  const days = new Map<string, { readonly name: string; rows: number }>()
  let names = 0

  async function hashesOf(table: WarehouseTable, day: string): Promise<{ readonly name: string; rows: number }> {
    const id = `${table} ${day}`
    const there = days.get(id)
    if (there !== undefined) {
      days.delete(id)
      days.set(id, there)
      return there
    }
    names += 1
    const name = `seen_${names}`
    const files = catalog.filesOf(table, [day])
    const select = files.length === 0 ? 'SELECT 0::UBIGINT AS hash WHERE FALSE' : `SELECT ${HASH} AS hash FROM ${scan(folder, files)}`
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${select}`)
    const entry = { name, rows: files.reduce((sum, { rows }) => sum + rows, 0) }
    days.set(id, entry)
    return entry
  }

  async function forgetOldest(): Promise<void> {
    let total = [...days.values()].reduce((sum, { rows }) => sum + rows, 0)
    for (const [id, { name, rows }] of days) {
      if (days.size <= 1 || (days.size <= MOST_DAYS && total <= MOST_HASHES)) break
      await connection.run(`DROP TABLE ${name}`)
      days.delete(id)
      total -= rows
    }
  }

  return {
    async known(table, staging, asked) {
      const found: (readonly [string, string])[] = []
      for (const day of asked) {
        const { name } = await hashesOf(table, day)
        const candidates = `SELECT source, message_id FROM ${staging} WHERE day = ${text(day)} AND ${HASH} IN (SELECT hash FROM ${name})`
        const files = catalog.filesOf(table, [day])
        if (files.length === 0 || (await rowsOf(connection, `${candidates} LIMIT 1`)).length === 0) continue
        const same = `SELECT DISTINCT source, message_id FROM ${scan(folder, files)} SEMI JOIN (${candidates}) USING (source, message_id)`
        found.push(...((await rowsOf(connection, same)) as (readonly [string, string])[]))
      }
      return found
    },
    async add(table, staging, asked) {
      for (const day of asked) {
        const entry = await hashesOf(table, day)
        const result = await connection.run(`INSERT INTO ${entry.name} SELECT ${HASH} FROM ${staging} WHERE day = ${text(day)}`)
        entry.rows += result.rowsChanged
      }
      await forgetOldest()
    },
  }
}
