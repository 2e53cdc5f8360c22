import type { Plugin } from '@waymark/core'
import { createLake, type LakeWarehouse } from './lake.ts'
import { type DuckdbOptions, settingsOf } from './options.ts'
import { createSink } from './sink.ts'

/** The lake as a plugin; `warehouse` is the same lake to ask, with a host or without one. */
export type DuckdbLake = Plugin & { readonly warehouse: LakeWarehouse }

/**
 * Keeps events, decisions and memberships as Parquet in a folder, by day, and reads them with DuckDB in the same process. Throws
 * `DUCKDB_OPTION_INVALID`; the host does not start (`WAREHOUSE_IN_USE`) while another one writes into the folder.
 */
export function duckdb(options: DuckdbOptions): DuckdbLake {
  const settings = settingsOf(options)
  const lake = createLake(settings)
  const { sink, follow } = createSink(lake, settings)
  let unfollow: (() => void) | undefined
  return {
    name: settings.name,
    purpose: settings.purpose,
    sink,
    eraser: {
      async erase(subject) {
        const rows = await lake.warehouse.erase(subject)
        return { status: 'confirmed', detail: `${rows} rows` }
      },
    },
    warehouse: lake.warehouse,
    async start(context) {
      await lake.writer()
      unfollow = follow(context)
    },
    async stop() {
      unfollow?.()
      await lake.close()
    },
    async probe() {
      for await (const _ of lake.warehouse.query(`SELECT 1 FROM ${lake.warehouse.relation('events')} LIMIT 1`)) break
    },
  }
}
