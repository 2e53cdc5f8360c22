import { ANONYMOUS, type JournalEntry, type JournalFilter, type NewJournalEntry } from '@waymark/core'
import { type JournalRow, toJournalEntry, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { EVER, FAMILY } from './merges.ts'

const ENTRIES = 1_000

/** One answer an entry: false where it is there already, which only `refused` and `shared` ones can be. */
export function record(connection: Connection, entries: readonly NewJournalEntry[]): readonly boolean[] {
  const sql = 'INSERT INTO journal (at, outcome, origin, heir, keys, source, message, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
  const insert = connection.prepare(sql)
  return entries.map(({ at, outcome, from, into, keys, event, reason }) => {
    const cause = event === undefined ? ([null, null] as const) : ([toText(event.source), toText(event.messageId)] as const)
    return insert.run(at, outcome, toText(from), toText(into), JSON.stringify(keys), ...cause, reason === undefined ? null : toText(reason)).changes === 1
  })
}

/** The names by which an entry may speak of a profile: its own, those merged into it, and those its ids would have. */
const NAMES = `${FAMILY}, names (name) AS (
  SELECT id FROM family
  UNION SELECT CASE WHEN key LIKE 'anonymous:%' THEN '${ANONYMOUS}' || substr(key, 11) ELSE substr(key, 6) END FROM identities WHERE profile = ?1
)`

export function journal(connection: Connection, { profile, before = EVER, limit = ENTRIES }: JournalFilter): readonly JournalEntry[] {
  const order = 'ORDER BY id DESC LIMIT'
  const rows =
    profile === undefined
      ? connection.all<JournalRow>(`SELECT * FROM journal WHERE id < ? ${order} ?`, before, Math.max(0, limit))
      : connection.all<JournalRow>(
          `${NAMES} SELECT * FROM journal WHERE (origin IN (SELECT name FROM names) OR heir IN (SELECT name FROM names)) AND id < ?3 ${order} ?4`,
          toText(profile),
          EVER,
          before,
          Math.max(0, limit),
        )
  return rows.map(toJournalEntry)
}
