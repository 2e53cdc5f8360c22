import { ANONYMOUS, type JournalEntry, type JournalFilter, type NewJournalEntry } from '@waymark/core'
import { type JournalRow, toJournalEntry, toText } from '@waymark/core/store-kit'
import { bounded } from './bounded.ts'
import type { Connection, Reader } from './connection.ts'
import { EVER, FAMILY } from './merges.ts'
import { numbers, texts } from './values.ts'

const ENTRIES = 1_000

const RECORD = `INSERT INTO journal (at, outcome, origin, heir, keys, source, message, reason, once)
  SELECT at, outcome, origin, heir, keys, source, message, reason, once
  FROM unnest($1::double precision[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS noted (at, outcome, origin, heir, keys, source, message, reason, once, n) ORDER BY n
  ON CONFLICT DO NOTHING RETURNING once`

/** One answer an entry: false where it is there already, which only `refused` and `shared` ones can be. */
export async function record(connection: Connection, entries: readonly NewJournalEntry[]): Promise<readonly boolean[]> {
  if (entries.length === 0) return []
  const once = entries.map(onceOf)
  const rows = await connection.all<{ once: string | null }>(
    RECORD,
    numbers(entries.map(({ at }) => at)),
    texts(entries.map(({ outcome }) => outcome)),
    texts(entries.map(({ from }) => toText(from))),
    texts(entries.map(({ into }) => toText(into))),
    texts(entries.map(({ keys }) => JSON.stringify(keys))),
    texts(entries.map(({ event }) => (event === undefined ? null : toText(event.source)))),
    texts(entries.map(({ event }) => (event === undefined ? null : toText(event.messageId)))),
    texts(entries.map(({ reason }) => (reason === undefined ? null : toText(reason)))),
    texts(once),
  )
  const written = new Set(rows.map((row) => row.once))
  return once.map((name) => name === null || written.delete(name))
}

/** What an entry that is written once is known by: its pair of profiles and its reason. */
function onceOf({ outcome, from, into, reason = '' }: NewJournalEntry): string | null {
  return outcome === 'refused' || outcome === 'shared' ? bounded(toText(JSON.stringify([outcome, from, into, reason]))) : null
}

const COLUMNS = 'id, at, outcome, origin, heir, keys, source, message, reason'

/** The names by which an entry may speak of a profile: its own, those merged into it, and those its ids would have. */
const NAMES = `${FAMILY}, names (name) AS (
  SELECT id FROM family
  UNION SELECT CASE WHEN key LIKE 'anonymous:%' THEN '${ANONYMOUS}' || substr(key, 11) ELSE substr(key, 6) END FROM identities WHERE profile = $1
)`
const NEWEST = `SELECT ${COLUMNS} FROM journal WHERE id < $1 ORDER BY id DESC LIMIT $2`
const OF_PROFILE = `${NAMES} SELECT ${COLUMNS} FROM journal
  WHERE (origin IN (SELECT name FROM names) OR heir IN (SELECT name FROM names)) AND id < $3 ORDER BY id DESC LIMIT $4`

export async function journal(reader: Reader, { profile, before = EVER, limit = ENTRIES }: JournalFilter): Promise<readonly JournalEntry[]> {
  const rows =
    profile === undefined
      ? await reader.all<JournalRow>(NEWEST, before, Math.max(0, limit))
      : await reader.all<JournalRow>(OF_PROFILE, toText(profile), EVER, before, Math.max(0, limit))
  return rows.map(toJournalEntry)
}
