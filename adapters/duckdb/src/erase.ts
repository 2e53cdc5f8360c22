import { join, resolve } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { IdentityKey, Subject } from '@waymark/core'
import { keyOfProfile } from '@waymark/kit'
import type { Catalog } from './catalog.ts'
import { rowsOf, text } from './engine.ts'
import { layChanged } from './owners.ts'
import { IN_ORDER, removeFiles, type Written, writeParquet } from './parquet.ts'
import { relationOf, scan } from './relation.ts'

/**
 * Writes every file anew that holds the subject and removes the old ones at once; a query that is reading one of them begins again. Rows of the subject
 * go. Of rows that are somebody else's, who shared a device with the subject, the subject's ids go. How many rows were touched comes back.
 */
export async function eraseFrom(connection: DuckDBConnection, catalog: Catalog, folder: string, subject: Subject): Promise<number> {
  const keys = keysOf(catalog, subject)
  const users = keys.filter((key) => key.startsWith('user:')).map(idOf)
  const devices = keys.filter((key) => key.startsWith('anonymous:')).map(idOf)
  const owners = await layChanged(connection, 'changed_owners', catalog, catalog.files())
  const among = (column: string, ids: readonly string[]) => (ids.length === 0 ? 'FALSE' : `COALESCE(${column} IN (${ids.map(text).join(', ')}), FALSE)`)
  let touched = 0
  const written: Written[] = []
  const replaced: string[] = []
  try {
    for (const [table, files] of Map.groupBy(catalog.files(), (file) => file.table)) {
      const carriers = [
        { column: 'anonymous_id', held: among('anonymous_id', devices) },
        ...(table === 'events' ? [{ column: 'previous_id', held: among('previous_id', [...users, ...devices]) }] : []),
      ]
      const owned = `(${among('profile', [subject.profile])} OR ${among('user_id', users)} OR (user_id IS NULL AND ${among('anonymous_id', devices)}))`
      const holds = [owned, ...carriers.map(({ held }) => held)].join(' OR ')
      const raw = await rowsOf(connection, `SELECT DISTINCT filename FROM ${scan(folder, files, ', filename = true')} WHERE ${holds}`)
      const names = new Set(raw.map(([name]) => String(name)))
      // A row may be the subject's by a merge that came after it was written.
      const moved = files.filter((file) => file.owners < owners.version || names.has(join(resolve(folder), file.path)))
      for (const file of moved) {
        const relation = relationOf(folder, table, [file], owners)
        const [[count] = []] = await rowsOf(connection, `SELECT count(*) FROM (${relation}) WHERE ${holds}`)
        if (Number(count) === 0) continue
        touched += Number(count)
        const without = carriers.map(({ column, held }) => `CASE WHEN ${held} THEN NULL ELSE ${column} END AS ${column}`).join(', ')
        const select = `SELECT * REPLACE (${without}) FROM (${relation}) WHERE NOT ${owned} ${IN_ORDER}`
        written.push(...(await writeParquet(connection, folder, table, select)))
        replaced.push(file.path)
      }
    }
    catalog.commit({ add: written.map((file) => ({ ...file, owners: owners.version })), remove: replaced, forget: { keys, profile: subject.profile } })
  } catch (error) {
    await removeFiles(folder, written)
    throw error
  }
  return touched
}

/** Every id that was ever the subject's, as far as the lake knows too. */
function keysOf(catalog: Catalog, { profile, userIds, anonymousIds }: Subject): readonly IdentityKey[] {
  const given = [...userIds.map((id): IdentityKey => `user:${id}`), ...anonymousIds.map((id): IdentityKey => `anonymous:${id}`)]
  return [...new Set([keyOfProfile(profile), ...given, ...catalog.keysOf(profile)])]
}

function idOf(key: IdentityKey): string {
  return key.slice(key.indexOf(':') + 1)
}
