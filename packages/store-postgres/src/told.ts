import type { NewTold, Told } from '@waymark/core'
import { fromText, toText } from '@waymark/core/store-kit'
import { bounded } from './bounded.ts'
import type { Connection, Reader } from './connection.ts'
import { texts } from './values.ts'

interface Row {
  readonly profile: string
  readonly segment: string
  readonly member: string | null
}

export async function told(reader: Reader, profiles: readonly string[]): Promise<ReadonlyMap<string, Told>> {
  if (profiles.length === 0) return new Map()
  const sql = 'SELECT profile, segment, member FROM told WHERE profile = ANY($1::text[]) ORDER BY segment COLLATE "C"'
  const rows = await reader.all<Row>(sql, texts(profiles.map(toText)))
  const found = new Map<string, Record<string, string | null>>()
  for (const { profile, segment, member } of rows) {
    const one = found.get(fromText(profile)) ?? {}
    one[fromText(segment)] = member === null ? null : fromText(member)
    found.set(fromText(profile), one)
  }
  return found
}

const TELL = `INSERT INTO told (key, profile, segment, member) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
  ON CONFLICT (key) DO UPDATE SET member = excluded.member`

export function tell(connection: Connection, items: readonly NewTold[]): void {
  // Of two about the same the last counts.
  const last = [...new Map(items.map((item) => [bounded(toText(JSON.stringify([item.profile, item.segment]))), item])).entries()]
  if (last.length === 0) return
  connection.tell(
    TELL,
    texts(last.map(([key]) => key)),
    texts(last.map(([, { profile }]) => toText(profile))),
    texts(last.map(([, { segment }]) => toText(segment))),
    texts(last.map(([, { member }]) => (member === null ? null : toText(member)))),
  )
}
