import type { Decision, Parting } from '@waymark/core'
import { toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { link } from './identities.ts'
import { history, lastSeq } from './log.ts'
import { EVER, FAMILY, heirOf, insertMerge, STANDING } from './merges.ts'

/** See `Transaction.unmerge`. Also of a profile that never was one: an id that was a user's from its first event. */
export function unmerge(connection: Connection, { from, into, keys, along, entries, apart }: Parting): readonly Decision[] {
  const parted = toText(from)
  const heir = heirOf(connection, toText(into))
  const after = lastSeq(connection)
  const since = [endMerge(connection, parted, after)]
  for (const one of along.map(toText)) since.push(handOver(connection, one, heir, parted, after))
  link(connection, keys, from)

  const own = new Set(history(connection, from).map(({ seq }) => seq))
  const move = connection.prepare('INSERT INTO moves VALUES (?, ?, ?) ON CONFLICT (seq, after_seq) DO UPDATE SET profile = excluded.profile')
  for (const seq of entries) if (!own.has(seq)) move.run(seq, after, parted)

  const sql = `${FAMILY} UPDATE messages SET profile = ?1 WHERE profile = ?3 AND key IN (SELECT key FROM ledger WHERE profile IN (SELECT id FROM family))`
  connection.run(sql, parted, EVER, heir)
  connection.run('INSERT INTO apart VALUES (?, ?) ON CONFLICT DO NOTHING', toText(apart[0]), toText(apart[1]))
  const first = Math.min(...since.flatMap((decision) => decision ?? []))
  return Number.isFinite(first) ? decidedSince(connection, heir, first) : []
}

/** The newest ledger line there was when the profile was merged; undefined when it is not. */
function endMerge(connection: Connection, profile: string, after: number): number | undefined {
  const merge = connection.get<{ id: number; decision: number }>(`SELECT id, after_decision AS decision FROM merges WHERE profile = ? AND ${STANDING}`, profile)
  if (merge !== undefined) connection.run('UPDATE merges SET until_seq = ? WHERE id = ?', after, merge.id)
  return merge?.decision
}

/** Makes what was merged into one profile part of another, as if it had come to that one. */
function handOver(connection: Connection, profile: string, from: string, to: string, after: number): number | undefined {
  const merge = connection.get<{ at: number }>(`SELECT at FROM merges WHERE profile = ? AND heir = ? AND ${STANDING}`, profile, from)
  if (merge === undefined) return undefined
  const decision = endMerge(connection, profile, after)
  insertMerge(connection, { profile, heir: to, at: merge.at, afterSeq: after, afterDecision: decision ?? 0 })
  return decision
}

function decidedSince(connection: Connection, profile: string, decision: number): readonly Decision[] {
  const sql = `${FAMILY} SELECT body FROM ledger WHERE profile IN (SELECT id FROM family) AND id > ?3 ORDER BY at DESC, id DESC`
  return connection.all<{ body: string }>(sql, profile, EVER, decision).map(({ body }) => JSON.parse(body) as Decision)
}

const PAIRS = `SELECT one, other FROM apart WHERE one IN (SELECT key FROM identities WHERE profile = ?1) AND other IN (SELECT key FROM identities WHERE profile = ?2)
  UNION SELECT one, other FROM apart WHERE one IN (SELECT key FROM identities WHERE profile = ?2) AND other IN (SELECT key FROM identities WHERE profile = ?1)`

export function areApart(connection: Connection, one: string, other: string): boolean {
  return connection.get(PAIRS, toText(one), toText(other)) !== undefined
}

export function allowMerge(connection: Connection, one: string, other: string): void {
  connection.run(`DELETE FROM apart WHERE (one, other) IN (${PAIRS})`, toText(one), toText(other))
}
