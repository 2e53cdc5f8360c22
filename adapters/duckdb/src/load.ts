import type { DuckDBConnection } from '@duckdb/node-api'
import type { CanonicalEvent, IdentityKey, LoadOutcome, Owners, WarehouseTable } from '@waymark/core'
import { profileNamed, WAREHOUSE_TABLES, type WarehouseDraft, warehouseRows } from '@waymark/kit'
import type { Catalog } from './catalog.ts'
import { IN_ORDER, removeFiles, type Written, writeParquet } from './parquet.ts'
import { columnTypes } from './relation.ts'
import { createSeen } from './seen.ts'

type Draft = WarehouseDraft & { readonly index: number }

const TABLES = Object.keys(WAREHOUSE_TABLES) as WarehouseTable[]

/** Writes batches of events, one after the other. */
export interface Loader {
  /** The days that were written to come with the outcomes. */
  load(events: readonly CanonicalEvent[], owners: Owners): Promise<{ readonly outcomes: readonly LoadOutcome[]; readonly days: readonly string[] }>
}

export async function createLoader(connection: DuckDBConnection, catalog: Catalog, folder: string): Promise<Loader> {
  for (const table of TABLES) await connection.run(`CREATE OR REPLACE TEMP TABLE staged_${table} (${columnTypes(table)})`)
  const seen = createSeen(connection, catalog, folder)
  return {
    async load(events, owners) {
      const outcomes: LoadOutcome[] = events.map(() => ({ status: 'loaded' }))
      const drafts = draftsOf(events, outcomes)
      const changed = new Map([...owners].filter(([key, profile]) => profile !== (catalog.ownerOf(key) ?? profileNamed(key))))
      const profileOf = memo((key: IdentityKey) => owners.get(key) ?? catalog.ownerOf(key) ?? profileNamed(key))
      const written: Written[] = []
      const staged: { readonly table: WarehouseTable; readonly days: readonly string[] }[] = []
      try {
        for (const table of TABLES) {
          const days = await stage(table, drafts.get(table) ?? [], profileOf, outcomes)
          if (days.length === 0) continue
          staged.push({ table, days })
          written.push(...(await writeParquet(connection, folder, table, `SELECT * FROM staged_${table} ${IN_ORDER}`)))
        }
        const version = catalog.ownersVersion() + (changed.size > 0 ? 1 : 0)
        catalog.commit({ add: written.map((file) => ({ ...file, owners: version })), owners: changed })
      } catch (error) {
        await removeFiles(folder, written)
        throw error
      }
      for (const { table, days } of staged) await seen.add(table, `staged_${table}`, days)
      return { outcomes, days: [...new Set(staged.flatMap(({ days }) => days))] }
    },
  }

  /** Puts rows that the lake does not have into the table's staging, and says which days they are of. */
  async function stage(
    table: WarehouseTable,
    drafts: readonly Draft[],
    profileOf: (key: IdentityKey) => string,
    outcomes: LoadOutcome[],
  ): Promise<readonly string[]> {
    if (drafts.length === 0) return []
    await append(connection, table, drafts, profileOf)
    const known = await seen.known(table, `staged_${table}`, daysOf(drafts))
    if (known.length === 0) return daysOf(drafts)
    const isKnown = new Set(known.map(([source, messageId]) => idOf(source, messageId)))
    const fresh = drafts.filter(({ index, values }) => {
      const isFresh = !isKnown.has(idOf(values['source'], values['message_id']))
      if (!isFresh) outcomes[index] = { status: 'known' }
      return isFresh
    })
    await append(connection, table, fresh, profileOf)
    return daysOf(fresh)
  }
}

/** The rows of a batch by their table. Events that cannot be written, and copies within the batch, get their outcome here. */
function draftsOf(events: readonly CanonicalEvent[], outcomes: LoadOutcome[]): ReadonlyMap<WarehouseTable, readonly Draft[]> {
  const drafts = new Map<WarehouseTable, Draft[]>()
  const ids = new Set<string>()
  events.forEach((event, index) => {
    const read = warehouseRows(event)
    if ('reason' in read) {
      outcomes[index] = { status: 'rejected', reason: read.reason }
      return
    }
    const id = idOf(event.source, event.messageId)
    if (ids.has(id)) {
      outcomes[index] = { status: 'known' }
      return
    }
    ids.add(id)
    for (const row of read.rows) drafts.set(row.table, [...(drafts.get(row.table) ?? []), { ...row, index }])
  })
  return drafts
}

async function append(connection: DuckDBConnection, table: WarehouseTable, drafts: readonly Draft[], profileOf: (key: IdentityKey) => string): Promise<void> {
  await connection.run(`TRUNCATE staged_${table}`)
  const appender = await connection.createAppender(`staged_${table}`)
  try {
    for (const { owner, values } of drafts) {
      for (const { name, kind } of WAREHOUSE_TABLES[table]) {
        const value = name === 'profile' ? profileOf(owner) : (values[name] ?? null)
        if (value === null) appender.appendNull()
        else if (kind === 'integer') appender.appendBigInt(BigInt(Math.trunc(Number(value))))
        else appender.appendVarchar(String(value))
      }
      appender.endRow()
    }
  } finally {
    appender.closeSync()
  }
}

function daysOf(drafts: readonly Draft[]): readonly string[] {
  return [...new Set(drafts.map(({ values }) => String(values['day'])))]
}

function idOf(source: unknown, messageId: unknown): string {
  return JSON.stringify([source, messageId])
}

function memo<Key, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>()
  return (key) => {
    const value = known.get(key) ?? work(key)
    known.set(key, value)
    return value
  }
}
