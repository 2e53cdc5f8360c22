import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { WaymarkError } from '@waymark/core'

/**
 * The right to write into the lake, of one process at a time: an exclusive transaction, never committed, on an empty database in it. The
 * system takes it back when the process ends, however it ends. Readers need none. Throws `WAREHOUSE_IN_USE`.
 */
export function takeLock(folder: string): { release(): void } {
  mkdirSync(folder, { recursive: true })
  const database = new DatabaseSync(join(folder, 'writer-lock.db'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw new WaymarkError('WAREHOUSE_IN_USE', `${resolve(folder)}: another process writes into this lake`, {
      place: resolve(folder),
      mend: 'stop the other host, or give this one a folder of its own',
      cause,
    })
  }
  return { release: () => database.close() }
}
