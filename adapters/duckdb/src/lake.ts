import type { Owners, Warehouse, WarehouseTable } from '@waymark/core'
import { WaymarkError } from '@waymark/core'
import { WAREHOUSE_TABLES } from '@waymark/kit'
import { openCatalog } from './catalog.ts'
import { type Engine, startEngine } from './engine.ts'
import type { Settings } from './options.ts'
import { createReader, type Reader } from './reader.ts'
import { openWriter, type Writer } from './writer.ts'

/** What the lake consists of. */
export interface LakeInfo {
  readonly folder: string
  readonly tables: Readonly<Record<WarehouseTable, { readonly days: number; readonly files: number; readonly rows: number; readonly bytes: number }>>
}

/** The lake as a warehouse. */
export type LakeWarehouse = Warehouse &
  Required<Pick<Warehouse, 'compact' | 'estimate'>> & {
    info(): Promise<LakeInfo>
    /**
     * Takes in history: a file of events, one JSON object a line, plain or packed, about as fast as DuckDB itself reads it. Copies are taken once. Visitors
     * stay visitors until `assign` says whose they are. How many events were new comes back; a file that cannot be read is taken not at all.
     */
    import(path: string, options?: { readonly source?: string }): Promise<number>
  }

/** The parts of a lake, each opened when it is first needed: who only reads takes no lock and creates nothing. */
export interface Lake {
  readonly warehouse: LakeWarehouse
  writer(): Promise<Writer>
  close(): Promise<void>
}

const NONE: Owners = new Map()

export function createLake(settings: Settings): Lake {
  const { folder, name } = settings
  let engine: Promise<Engine> | undefined
  let reading: Promise<Reader> | undefined
  let writing: Promise<Writer> | undefined
  let isClosed = false

  function running(): Promise<Engine> {
    if (isClosed)
      throw new WaymarkError('WAREHOUSE_CLOSED', `the lake in ${folder} was closed`, { place: folder, mend: 'make a new one with duckdb({ folder })' })
    engine ??= startEngine(settings)
    return engine
  }
  async function reader(): Promise<Reader> {
    reading ??= running().then((started) => createReader(started, folder))
    return reading
  }
  async function writer(): Promise<Writer> {
    const started = await running()
    writing ??= openWriter(started, settings)
    // Another process may give the lake up: the next attempt begins anew.
    writing.catch(() => {
      writing = undefined
    })
    return writing
  }
  async function close(): Promise<void> {
    if (isClosed) return
    isClosed = true
    await (await writing?.catch(() => undefined))?.close()
    ;(await reading)?.close()
    ;(await engine)?.close()
  }

  const warehouse: LakeWarehouse = {
    name,
    dialect: 'duckdb',
    relation: (table) => table,
    async prepare() {
      await writer()
    },
    async *query<Row>(sql: string, options = {}) {
      yield* (await reader()).query<Row>(sql, options)
    },
    estimate: async (sql, options = {}) => (await reader()).estimate(sql, options),
    load: async (events, owners = NONE) => (await writer()).load(events, async () => owners),
    assign: async (owners) => (await writer()).assign(() => owners),
    import: async (path, { source = 'import' } = {}) => (await writer()).import(path, source),
    erase: async (subject) => (await writer()).erase(subject),
    compact: async ({ signal } = {}) => (await writer()).compact(signal),
    async info() {
      const catalog = openCatalog(folder, { readOnly: true })
      try {
        const tables = Object.keys(WAREHOUSE_TABLES).map((table) => {
          const files = catalog?.files(table as WarehouseTable) ?? []
          const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0)
          return [table, { days: new Set(files.map(({ day }) => day)).size, files: files.length, rows: sum('rows'), bytes: sum('bytes') }] as const
        })
        return { folder, tables: Object.fromEntries(tables) as LakeInfo['tables'] }
      } finally {
        catalog?.close()
      }
    },
    close,
  }
  return { warehouse, writer, close }
}
