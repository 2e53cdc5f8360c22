import { closeSync, fdatasync, openSync } from 'node:fs'
import { syncFailed } from './errors.ts'

/**
 * Brings SQLite's write-ahead log to the disk after each commit. `synchronous=FULL` does the same, but within COMMIT, where the whole process
 * waits for the disk; here the process goes on meanwhile. SQLite itself runs with `synchronous=NORMAL`: it still syncs whatever has to be there in order,
 * the log before its pages come into the database, and the database before the log begins anew.
 */
export interface LogSync {
  /** Resolves when all that has been committed is on the disk. */
  run(): Promise<void>
  /** Resolves when no sync is under way. What has been committed and not synced is not to be seen yet. */
  settled(): Promise<void>
  close(): void
}

/** `path` is the database's; its log is there once it has been opened. */
export function createLogSync(path: string): LogSync {
  // Kept open, since the system tells a file's failures to those who have it open when it fails.
  const file = openSync(`${path}-wal`, 'r+')
  let running: Promise<void> | undefined

  return {
    run() {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      running = promise
      fdatasync(file, (error) => {
        running = undefined
        if (error === null) resolve()
        else reject(syncFailed(path, error))
      })
      return promise
    },
    async settled() {
      while (running !== undefined) await running.catch(() => {})
    },
    close: () => closeSync(file),
  }
}
