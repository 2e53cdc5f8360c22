import type { NewTold, Told } from '@waymark/core'
import { fromText, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'

export function told(connection: Connection, profiles: readonly string[]): ReadonlyMap<string, Told> {
  const find = connection.prepare('SELECT segment, member FROM told WHERE profile = ? ORDER BY segment')
  const found = new Map<string, Told>()
  for (const profile of profiles) {
    const rows = find.all(toText(profile)) as unknown as readonly { readonly segment: string; readonly member: string | null }[]
    if (rows.length === 0) continue
    found.set(profile, Object.fromEntries(rows.map(({ segment, member }) => [fromText(segment), member === null ? null : fromText(member)])))
  }
  return found
}

export function tell(connection: Connection, items: readonly NewTold[]): void {
  const upsert = connection.prepare('INSERT INTO told VALUES (?, ?, ?) ON CONFLICT (profile, segment) DO UPDATE SET member = excluded.member')
  for (const { profile, segment, member } of items) upsert.run(toText(profile), toText(segment), member === null ? null : toText(member))
}
