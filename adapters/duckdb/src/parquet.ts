import { rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { WarehouseTable } from '@waymark/core'
import type { LakeFile } from './catalog.ts'
import { makeDurable } from './durable.ts'
import { rowsOf, text } from './engine.ts'

export type Written = Pick<LakeFile, 'path' | 'table' | 'day' | 'rows' | 'bytes'>

/** Rows of one profile lie together and compress better; within it they are in the order that segments read them in. */
export const IN_ORDER = 'ORDER BY profile, ts, message_id'

/**
 * Writes the rows of a SELECT into new files, each in the folder of its day, and makes them durable. They are part of the lake only once the
 * catalog says so; what a failure leaves behind, an erasure and the next start remove.
 */
export async function writeParquet(connection: DuckDBConnection, folder: string, table: WarehouseTable, select: string): Promise<readonly Written[]> {
  const root = resolve(folder)
  const options = `FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day), FILENAME_PATTERN '{uuid}', APPEND, RETURN_STATS`
  const statistics = await rowsOf(connection, `COPY (${select}) TO ${text(join(root, table))} (${options})`)
  const written = statistics.map(([path, rows, bytes]): Written => {
    const within = relative(root, String(path))
    return { path: within, table, day: dayOf(within), rows: Number(rows), bytes: Number(bytes) }
  })
  try {
    await makeDurable(
      written.map(({ path }) => join(root, path)),
      root,
    )
  } catch (error) {
    await removeFiles(root, written)
    throw error
  }
  return written
}

export async function removeFiles(folder: string, files: readonly Pick<LakeFile, 'path'>[]): Promise<void> {
  await Promise.all(files.map(({ path }) => rm(join(folder, path), { force: true })))
}

/** The folder's name holds it, with what file systems dislike escaped. */
function dayOf(path: string): string {
  return decodeURIComponent(/day=([^/\\]+)/.exec(path)?.[1] ?? '')
}
