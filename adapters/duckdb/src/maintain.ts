import type { DuckDBConnection } from '@duckdb/node-api'
import type { WarehouseTable } from '@waymark/core'
import type { Catalog, LakeFile } from './catalog.ts'
import { rowsOf } from './engine.ts'
import { layChanged } from './owners.ts'
import { IN_ORDER, removeFiles, writeParquet } from './parquet.ts'
import { relationOf } from './relation.ts'

/** Rewrites files of the lake, with owners as they are now, while others are added to it. */
export interface Maintenance {
  /** Makes one file of those of one table and day. */
  merge(files: readonly LakeFile[]): Promise<void>
  /** Has files written anew that hold rows whose owner changed since. */
  settle(files: readonly LakeFile[]): Promise<void>
  /** Removes from the disk what was replaced so many milliseconds ago. */
  bury(olderThanMs: number): Promise<void>
}

const CHANGED = 'changed_owners'

export function createMaintenance(connection: DuckDBConnection, catalog: Catalog, folder: string): Maintenance {
  async function merge(files: readonly LakeFile[]): Promise<void> {
    const [{ table }] = files as [LakeFile]
    const owners = await layChanged(connection, CHANGED, catalog, files)
    const written = await writeParquet(connection, folder, table, `${relationSelect(table, files, owners)} ${IN_ORDER}`)
    const count = (list: readonly { readonly rows: number }[]) => list.reduce((sum, { rows }) => sum + rows, 0)
    try {
      if (count(written) !== count(files))
        throw new Error(`${count(files)} rows of ${table} became ${count(written)} in ${files.length} files of ${files[0]?.day}`)
      catalog.commit({ add: written.map((file) => ({ ...file, owners: owners.version })), remove: files.map(({ path }) => path) })
    } catch (error) {
      await removeFiles(folder, written)
      throw error
    }
  }

  function relationSelect(table: WarehouseTable, files: readonly LakeFile[], owners: { version: number; changed: string }): string {
    return `SELECT * FROM (${relationOf(folder, table, files, owners)})`
  }

  return {
    merge,
    async settle(files) {
      for (const file of files) {
        const owners = await layChanged(connection, CHANGED, catalog, [file])
        if (file.owners >= owners.version) continue
        const now = relationOf(folder, file.table, [file], owners)
        const before = relationOf(folder, file.table, [file], { ...owners, version: file.owners })
        const moved = `SELECT 1 FROM (${now}) AS now ANTI JOIN (${before}) AS before USING (source, message_id, profile) LIMIT 1`
        if ((await rowsOf(connection, moved)).length > 0) await merge([file])
        else catalog.commit({ settled: { paths: [file.path], owners: owners.version } })
      }
    },
    async bury(olderThanMs) {
      const paths = catalog.retired(olderThanMs)
      if (paths.length === 0) return
      await removeFiles(
        folder,
        paths.map((path) => ({ path })),
      )
      catalog.buried(paths)
    },
  }
}
