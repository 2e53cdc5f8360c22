import type { DatabaseSync } from 'node:sqlite'
import { newerVersion, olderVersion } from '@waymark/core/store-kit'
import { foreignDatabase } from '../errors.ts'

import { FIRST } from './first.ts'
import { FOURTH } from './fourth.ts'
import { SECOND } from './second.ts'
import { THIRD } from './third.ts'

/** Step n brings a database from version n to n + 1. Forward only: a step that was released is never changed. */
const STEPS: readonly string[] = [FIRST, SECOND, THIRD, FOURTH]

const STORE = '@waymark/store-sqlite'

/** Marks the file as ours in its header: 'WAYM'. */
const APPLICATION = 0x57_41_59_4d

/** Refuses a file that is not ours or from a later version. Reads only. */
export function inspect(database: DatabaseSync, path: string, steps: readonly string[] = STEPS): void {
  const application = pragma(database, 'application_id')
  const version = pragma(database, 'user_version')
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_master').get() as { tables: number }
  const isEmpty = application === 0 && version === 0 && tables === 0
  if (!isEmpty && application !== APPLICATION) throw foreignDatabase(path)
  if (version > steps.length) throw newerVersion(path, STORE, version, steps.length)
}

/** The same for who may not change it, and so cannot bring it to the newest version either. */
export function inspectToRead(database: DatabaseSync, path: string, steps: readonly string[] = STEPS): void {
  inspect(database, path, steps)
  const version = pragma(database, 'user_version')
  if (version < steps.length) throw olderVersion(path, STORE, version, steps.length)
}

/**
 * Brings the database to the newest version. Each step commits together with its version number, so that a process killed
 * at any point leaves a database on which the next start goes on.
 */
export function migrate(database: DatabaseSync, steps: readonly string[] = STEPS): void {
  while (pragma(database, 'user_version') < steps.length) {
    database.exec('BEGIN IMMEDIATE')
    try {
      // Another process may have made this step while this one waited for the lock.
      const version = pragma(database, 'user_version')
      const step = steps[version]
      if (step !== undefined) {
        database.exec(step)
        database.exec(`PRAGMA application_id = ${APPLICATION}`)
        database.exec(`PRAGMA user_version = ${version + 1}`)
      }
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])
}
