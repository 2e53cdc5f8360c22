import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inUse } from './errors.ts'

/** Held by the one process that writes. The system gives it back when the process ends, however it ends. */
export interface Lock {
  release(): void
}

/**
 * SQLite itself lets processes write in turns, but a host keeps profiles in memory and two would decide apart from each other:
 * messages would go out twice. The lock is an exclusive transaction, never committed, on an empty database beside the real one.
 */
export function takeLock(path: string): Lock {
  const database = new DatabaseSync(`${path}-lock`, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw inUse(resolve(path), error)
  }
  return { release: () => database.close() }
}
