import type { IdentityKey, Profile, Snapshot } from '@waymark/core'
import type { Database } from './database.ts'

export function profilesOf(database: Database, keys: readonly IdentityKey[]): ReadonlyMap<IdentityKey, string> {
  const found = new Map<IdentityKey, string>()
  for (const key of keys) {
    const row = database.get<{ profile: string }>('SELECT profile FROM identities WHERE key = ?', key)
    if (row !== undefined) found.set(key, row.profile)
  }
  return found
}

export function link(database: Database, keys: readonly IdentityKey[], profile: string): void {
  for (const key of keys) database.run('INSERT INTO identities (key, profile) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET profile = excluded.profile', key, profile)
}

export function merge(database: Database, from: string, into: string, now: number): void {
  database.run('INSERT OR REPLACE INTO merges (absorbed, into_profile, at) VALUES (?, ?, ?)', from, into, now)
  database.run('UPDATE identities SET profile = ? WHERE profile = ?', into, from)
  database.run('UPDATE messages SET profile = ? WHERE profile = ?', into, from)
  database.run('UPDATE decisions SET profile = ?, decision = json_set(decision, \'$.profile\', ?) WHERE profile = ?', into, into, from)
  database.run('DELETE FROM snapshots WHERE profile = ?', from)
}

export function snapshots(database: Database, profiles: readonly string[]): ReadonlyMap<string, Snapshot> {
  const found = new Map<string, Snapshot>()
  for (const id of profiles) {
    const row = database.get<{ seq: number; definition: string; state: string }>('SELECT seq, definition, state FROM snapshots WHERE profile = ?', id)
    if (row !== undefined) found.set(id, { profile: JSON.parse(row.state) as Profile, seq: row.seq, definition: row.definition })
  }
  return found
}

export function checkpoint(database: Database, written: readonly (Snapshot & { readonly nextWake?: number })[]): void {
  for (const { profile, seq, definition, nextWake } of written) {
    database.run(
      `INSERT INTO snapshots (profile, seq, definition, next_wake, state) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (profile) DO UPDATE SET seq = excluded.seq, definition = excluded.definition, next_wake = excluded.next_wake, state = excluded.state`,
      profile.id,
      seq,
      definition,
      nextWake ?? null,
      JSON.stringify(profile),
    )
  }
}

export function wakes(database: Database): readonly { readonly profile: string; readonly at: number }[] {
  return database.all('SELECT profile, next_wake AS at FROM snapshots WHERE next_wake IS NOT NULL ORDER BY next_wake')
}

export function profileIds(database: Database): readonly string[] {
  return database
    .all<{ profile: string }>(
      `SELECT profile FROM (SELECT profile FROM snapshots UNION SELECT DISTINCT profile FROM log WHERE kind = 'event' AND profile <> '')
       WHERE profile NOT IN (SELECT absorbed FROM merges) ORDER BY profile`,
    )
    .map(({ profile }) => profile)
}
