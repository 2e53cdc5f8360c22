import { DatabaseSync } from 'node:sqlite'
import type { CanonicalEvent } from '@waymark/core'

const TABLES = `
CREATE TABLE log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, batch INTEGER NOT NULL, profile TEXT NOT NULL, now INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX log_by_profile ON log (profile);
CREATE TABLE claims (source TEXT NOT NULL, message TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (source, message)) WITHOUT ROWID;
`
/** Rows in one statement, the quickest there is. */
const TOGETHER = 20

/**
 * What any host has to do that keeps its events and knows the second of two: parses each line and writes the store's two rows of it, in statements of
 * twenty rows, `batch` events a commit, on the disk. The line is kept as it came. No engine, no identity, nothing validated.
 */
export function bareInserts(path: string, lines: readonly string[], batch: number): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA cache_size = -65536; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000')
  database.exec(TABLES)
  const rows = (columns: number) =>
    Array(TOGETHER)
      .fill(`(${Array(columns).fill('?').join(', ')})`)
      .join(', ')
  const claim = database.prepare(`INSERT OR IGNORE INTO claims VALUES ${rows(3)}`)
  const append = database.prepare(`INSERT OR FAIL INTO log VALUES ${rows(6)}`)
  for (let from = 0; from < lines.length; from += batch) {
    database.exec('BEGIN IMMEDIATE')
    for (let first = from; first < from + batch; first += TOGETHER) {
      const claimed: (string | number)[] = []
      const appended: (string | number)[] = []
      for (let index = first; index < first + TOGETHER; index += 1) {
        const line = lines[index] as string
        const { source, messageId, userId = '', timestamp } = JSON.parse(line) as CanonicalEvent
        claimed.push(source, messageId, timestamp)
        appended.push(index + 1, from + 1, userId, timestamp, 'event', line)
      }
      claim.run(...claimed)
      append.run(...appended)
    }
    database.exec('COMMIT')
  }
  database.close()
}
