import type { IdentityKey } from '@waymark/core'
import { fromText, toText } from '@waymark/core/store-kit'
import { type Connection, first, type Reader } from './connection.ts'
import { EVER, heirOf } from './merges.ts'
import { texts } from './values.ts'

/** Identities always name a profile that is not merged: `link` and `merge` see to it. In the order of the keys. */
export async function profilesOf(reader: Reader, keys: readonly IdentityKey[]): Promise<ReadonlyMap<IdentityKey, string>> {
  if (keys.length === 0) return new Map()
  const sql = 'SELECT key, profile FROM identities WHERE key = ANY($1::text[])'
  const rows = await reader.all<{ key: string; profile: string }>(sql, texts(keys.map(toText)))
  const owners = new Map(rows.map(({ key, profile }) => [fromText(key), fromText(profile)]))
  return new Map(keys.flatMap((key) => (owners.has(key) ? [[key, owners.get(key) as string] as const] : [])))
}

/** By their text, so that it is the same whichever came first. */
export async function keysOf(reader: Reader, profile: string): Promise<readonly IdentityKey[]> {
  const rows = await reader.all<{ key: string }>('SELECT key FROM identities WHERE profile = $1 ORDER BY key', toText(profile))
  return rows.map(({ key }) => fromText(key) as IdentityKey)
}

const LINK = `INSERT INTO identities (key, profile) SELECT key, ${heirOf('linked.profile')} FROM unnest($1::text[], $2::text[]) AS linked (key, profile)
  ON CONFLICT (key) DO UPDATE SET profile = excluded.profile`

/** Each id with the profile it belongs to from now on. */
export function link(connection: Connection, owners: ReadonlyMap<IdentityKey, string>): void {
  if (owners.size > 0) connection.tell(LINK, texts([...owners.keys()].map(toText)), texts([...owners.values()].map(toText)))
}

const HEIRS = `SELECT ${heirOf('$1::text')} AS own, ${heirOf('$2::text')} AS heir`

const MERGE = `WITH begun AS (
    INSERT INTO merges (profile, heir, at, after_seq, after_decision, until_seq) SELECT $1::text, $2::text, $3, $4, coalesce(max(id), 0), ${EVER} FROM ledger
  ), handed AS (UPDATE messages SET profile = $2 WHERE profile = $1
  ), moved AS (UPDATE identities SET profile = $2 WHERE profile = $1 RETURNING key)
  SELECT key FROM moved ORDER BY key`

/**
 * What is merged already has nothing left to hand over, so doing it again changes nothing.
 * Its snapshot stays until one of its heir includes the merge, because recovery reads both until then.
 */
export async function merge(connection: Connection, from: string, into: string, now: number, seq: number): Promise<readonly IdentityKey[]> {
  const merged = toText(from)
  const { own, heir } = (await first<{ own: string; heir: string }>(connection, HEIRS, merged, toText(into))) as { own: string; heir: string }
  if (heir === merged || own !== merged) return []
  const rows = await connection.all<{ key: string }>(MERGE, merged, heir, now, seq)
  return rows.map(({ key }) => fromText(key) as IdentityKey)
}
