import type { Profile, Snapshot } from '@waymark/core'
import { fromText, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { EVER, FAMILY, STANDING } from './merges.ts'

interface SnapshotRow {
  readonly seq: number
  readonly definition: string
  readonly body: string
}

export function snapshots(connection: Connection, profiles: readonly string[]): ReadonlyMap<string, Snapshot> {
  const find = connection.prepare('SELECT seq, definition, body FROM snapshots WHERE profile = ?')
  const found = new Map<string, Snapshot>()
  for (const id of profiles) {
    const row = find.get(toText(id)) as SnapshotRow | undefined
    if (row !== undefined) found.set(id, { profile: JSON.parse(row.body) as Profile, seq: row.seq, definition: fromText(row.definition) })
  }
  return found
}

export function checkpoint(connection: Connection, taken: readonly (Snapshot & { readonly nextWake?: number })[]): void {
  const upsert = connection.prepare(
    `INSERT INTO snapshots (profile, seq, definition, next_wake, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (profile)
     DO UPDATE SET seq = excluded.seq, definition = excluded.definition, next_wake = excluded.next_wake, body = excluded.body`,
  )
  for (const { profile, seq, definition, nextWake } of taken) {
    upsert.run(toText(profile.id), seq, toText(definition), nextWake ?? null, JSON.stringify(profile))
  }
  for (const { profile } of taken) removeCovered(connection, toText(profile.id))
}

/**
 * Removes snapshots of merged profiles that nothing will read again: those whose heir's snapshot is later than the merge.
 * Looks from `profile` both ways, as an heir and as one that was merged.
 */
function removeCovered(connection: Connection, profile: string): void {
  const covered = connection.all<{ profile: string }>(
    `SELECT merges.profile FROM merges JOIN snapshots ON snapshots.profile = merges.heir AND snapshots.seq > merges.after_seq
     WHERE (merges.heir = ?1 OR merges.profile = ?1) AND ${STANDING}`,
    profile,
  )
  // What was merged into a covered one was merged earlier, so it is covered as well.
  for (const one of covered) connection.run(`${FAMILY} DELETE FROM snapshots WHERE profile IN (SELECT id FROM family)`, one.profile, EVER)
}

export function wakes(connection: Connection): readonly { readonly profile: string; readonly at: number }[] {
  return connection
    .all<{ profile: string; at: number }>(
      `SELECT profile, next_wake AS at FROM snapshots WHERE next_wake IS NOT NULL AND profile NOT IN (SELECT profile FROM merges WHERE ${STANDING})
       ORDER BY next_wake, profile`,
    )
    .map(({ profile, at }) => ({ profile: fromText(profile), at }))
}

/**
 * Steps from one profile to the next in the index instead of reading an entry per event. Entries that belong to nobody
 * have the empty name and are left out.
 */
export function profileIds(connection: Connection): readonly string[] {
  return connection
    .all<{ profile: string }>(
      `WITH RECURSIVE logged (profile) AS (
         SELECT min(profile) FROM log WHERE profile > ''
         UNION ALL SELECT (SELECT min(log.profile) FROM log WHERE log.profile > logged.profile) FROM logged WHERE logged.profile IS NOT NULL
       )
       SELECT profile FROM logged WHERE profile IS NOT NULL UNION SELECT profile FROM snapshots UNION SELECT profile FROM moves
       EXCEPT SELECT profile FROM merges WHERE ${STANDING}`,
    )
    .map(({ profile }) => fromText(profile))
}
