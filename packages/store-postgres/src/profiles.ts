import type { Profile, Snapshot } from '@waymark/core'
import { fromText, toText } from '@waymark/core/store-kit'
import type { Connection, Reader } from './connection.ts'
import { AS_IT_STANDS, STANDING } from './merges.ts'
import { numbers, texts } from './values.ts'

interface SnapshotRow {
  readonly profile: string
  readonly seq: number
  readonly definition: string
  readonly body: string
}

export async function snapshots(reader: Reader, profiles: readonly string[]): Promise<ReadonlyMap<string, Snapshot>> {
  if (profiles.length === 0) return new Map()
  const sql = 'SELECT profile, seq, definition, body FROM snapshots WHERE profile = ANY($1::text[])'
  const rows = await reader.all<SnapshotRow>(sql, texts(profiles.map(toText)))
  const found = new Map(rows.map((row) => [fromText(row.profile), row]))
  return new Map(
    profiles.flatMap((id) => {
      const row = found.get(id)
      return row === undefined ? [] : [[id, { profile: JSON.parse(row.body) as Profile, seq: row.seq, definition: fromText(row.definition) }] as const]
    }),
  )
}

const CHECKPOINT = `INSERT INTO snapshots (profile, seq, definition, next_wake, body)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::double precision[], $5::text[])
  ON CONFLICT (profile) DO UPDATE SET seq = excluded.seq, definition = excluded.definition, next_wake = excluded.next_wake, body = excluded.body`

/**
 * Removes snapshots of merged profiles that nothing will read again: those whose heir's snapshot is later than the merge, and with them those
 * of what was merged into them, for that was merged earlier. Looks from the profiles both ways, as heirs and as ones that were merged.
 */
const REMOVE_COVERED = `WITH RECURSIVE covered (id) AS (
    SELECT merges.profile FROM merges JOIN snapshots ON snapshots.profile = merges.heir AND snapshots.seq > merges.after_seq
      WHERE (merges.heir = ANY($1::text[]) OR merges.profile = ANY($1::text[])) AND ${STANDING}
    UNION SELECT merges.profile FROM merges JOIN covered ON merges.heir = covered.id WHERE ${STANDING}
  ) DELETE FROM snapshots WHERE profile IN (SELECT id FROM covered)`

export function checkpoint(connection: Connection, taken: readonly (Snapshot & { readonly nextWake?: number })[]): void {
  // Of a profile that comes twice the last counts.
  const newest = [...new Map(taken.map((snapshot) => [snapshot.profile.id, snapshot])).values()]
  if (newest.length === 0) return
  const ids = texts(newest.map(({ profile }) => toText(profile.id)))
  connection.tell(
    CHECKPOINT,
    ids,
    numbers(newest.map(({ seq }) => seq)),
    texts(newest.map(({ definition }) => toText(definition))),
    numbers(newest.map(({ nextWake }) => nextWake ?? null)),
    texts(newest.map(({ profile }) => JSON.stringify(profile))),
  )
  connection.tell(REMOVE_COVERED, ids)
}

const WAKES = `SELECT profile, next_wake AS at FROM snapshots
  WHERE next_wake IS NOT NULL AND NOT EXISTS (SELECT FROM merges WHERE merges.profile = snapshots.profile AND ${STANDING} ${AS_IT_STANDS}) ORDER BY next_wake, profile`

export async function wakes(reader: Reader): Promise<readonly { readonly profile: string; readonly at: number }[]> {
  return (await reader.all<{ profile: string; at: number }>(WAKES)).map(({ profile, at }) => ({ profile: fromText(profile), at }))
}

/**
 * Steps from one profile to the next in the index instead of reading an entry per event. Entries that belong to nobody
 * have the empty name and are left out.
 */
const PROFILE_IDS = `WITH RECURSIVE logged (profile) AS (
    SELECT min(profile) FROM log WHERE profile > ''
    UNION ALL SELECT (SELECT min(log.profile) FROM log WHERE log.profile > logged.profile) FROM logged WHERE logged.profile IS NOT NULL
  )
  SELECT profile FROM logged WHERE profile IS NOT NULL UNION SELECT profile FROM snapshots UNION SELECT profile FROM moves
  EXCEPT SELECT profile FROM merges WHERE ${STANDING} ORDER BY profile`

export async function profileIds(reader: Reader): Promise<readonly string[]> {
  return (await reader.all<{ profile: string }>(PROFILE_IDS)).map(({ profile }) => fromText(profile))
}
