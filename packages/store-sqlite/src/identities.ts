import type { IdentityKey } from '@waymark/core'
import { fromText, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { lastSeq } from './log.ts'
import { heirOf, insertMerge } from './merges.ts'

/** Identities always name a profile that is not merged: `link` and `merge` see to it. */
export function profilesOf(connection: Connection, keys: readonly IdentityKey[]): ReadonlyMap<IdentityKey, string> {
  const find = connection.prepare('SELECT profile FROM identities WHERE key = ?')
  const found = new Map<IdentityKey, string>()
  for (const key of keys) {
    const row = find.get(toText(key)) as { readonly profile: string } | undefined
    if (row !== undefined) found.set(key, fromText(row.profile))
  }
  return found
}

/** By their text, so that it is the same whichever came first. */
export function keysOf(connection: Connection, profile: string): readonly IdentityKey[] {
  const rows = connection.all<{ key: string }>('SELECT key FROM identities WHERE profile = ? ORDER BY key', toText(profile))
  return rows.map(({ key }) => fromText(key) as IdentityKey)
}

export function link(connection: Connection, keys: readonly IdentityKey[], profile: string): void {
  if (keys.length === 0) return
  const owner = heirOf(connection, toText(profile))
  const insert = connection.prepare('INSERT INTO identities VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET profile = excluded.profile')
  for (const key of keys) insert.run(toText(key), owner)
}

/**
 * What is merged already has nothing left to hand over, so doing it again changes nothing.
 * Its snapshot stays until one of its heir includes the merge, because recovery reads both until then.
 */
export function merge(connection: Connection, from: string, into: string, now: number): readonly IdentityKey[] {
  const merged = toText(from)
  const heir = heirOf(connection, toText(into))
  if (heir === merged || heirOf(connection, merged) !== merged) return []
  const keys = keysOf(connection, from)
  const { newest = 0 } = connection.get<{ newest: number }>('SELECT coalesce(max(id), 0) AS newest FROM ledger') ?? {}
  insertMerge(connection, { profile: merged, heir, at: now, afterSeq: lastSeq(connection), afterDecision: newest })
  connection.run('UPDATE identities SET profile = ? WHERE profile = ?', heir, merged)
  connection.run('UPDATE messages SET profile = ? WHERE profile = ?', heir, merged)
  return keys
}
