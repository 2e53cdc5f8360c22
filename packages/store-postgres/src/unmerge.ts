import type { Decision, Parting } from '@waymark/core'
import { toText } from '@waymark/core/store-kit'
import { type Connection, first } from './connection.ts'
import { link } from './identities.ts'
import { history } from './log.ts'
import { AS_IT_STANDS, EVER, FAMILY, findHeir, insertMerge, STANDING } from './merges.ts'
import { numbers } from './values.ts'

const MOVE = `INSERT INTO moves (seq, after_seq, profile) SELECT seq, $2::bigint, $3 FROM unnest($1::bigint[]) AS seq
  ON CONFLICT (seq, after_seq) DO UPDATE SET profile = excluded.profile`
const HAND_BACK = `${FAMILY} UPDATE messages SET profile = $1 WHERE profile = $3
  AND EXISTS (SELECT FROM ledger WHERE ledger.key = messages.key AND ledger.profile IN (SELECT id FROM family) ${AS_IT_STANDS})`

const KEEP_APART = `INSERT INTO apart (one, other) SELECT $1, $2
  WHERE NOT EXISTS (SELECT FROM apart WHERE one = $1 AND other = $2)`

/** See `Transaction.unmerge`. Also of a profile that never was one: an id that was a user's from its first event. `seq`: the newest entry. */
export async function unmerge(connection: Connection, { from, into, keys, along, entries, apart }: Parting, seq: number): Promise<readonly Decision[]> {
  const parted = toText(from)
  const heir = await findHeir(connection, toText(into))
  const since = [await endMerge(connection, parted, seq)]
  for (const one of along.map(toText)) since.push(await handOver(connection, one, heir, parted, seq))
  link(connection, new Map(keys.map((key) => [key, from])))

  const own = new Set((await history(connection, from)).map((entry) => entry.seq))
  const moved = [...new Set(entries)].filter((entry) => !own.has(entry))
  if (moved.length > 0) connection.tell(MOVE, numbers(moved), seq, parted)

  connection.tell(HAND_BACK, parted, EVER, heir)
  connection.tell(KEEP_APART, toText(apart[0]), toText(apart[1]))
  const earliest = Math.min(...since.flatMap((decision) => decision ?? []))
  return Number.isFinite(earliest) ? decidedSince(connection, heir, earliest) : []
}

/** The newest ledger line there was when the profile was merged; undefined when it is not. */
async function endMerge(connection: Connection, profile: string, seq: number): Promise<number | undefined> {
  const sql = `UPDATE merges SET until_seq = $2 WHERE profile = $1 AND ${STANDING} RETURNING after_decision AS decision`
  return (await first<{ decision: number }>(connection, sql, profile, seq))?.decision
}

/** Makes what was merged into one profile part of another, as if it had come to that one. */
async function handOver(connection: Connection, profile: string, from: string, to: string, seq: number): Promise<number | undefined> {
  const sql = `SELECT at FROM merges WHERE profile = $1 AND heir = $2 AND ${STANDING}`
  const merge = await first<{ at: number }>(connection, sql, profile, from)
  if (merge === undefined) return undefined
  const decision = await endMerge(connection, profile, seq)
  insertMerge(connection, { profile, heir: to, at: merge.at, afterSeq: seq, afterDecision: decision ?? 0 })
  return decision
}

const DECIDED_SINCE = `${FAMILY} SELECT body FROM family
  CROSS JOIN LATERAL (SELECT * FROM ledger WHERE ledger.profile = family.id AND ledger.id > $3 ${AS_IT_STANDS}) AS ledger ORDER BY at DESC, ledger.id DESC`

async function decidedSince(connection: Connection, profile: string, decision: number): Promise<readonly Decision[]> {
  return (await connection.all<{ body: string }>(DECIDED_SINCE, profile, EVER, decision)).map(({ body }) => JSON.parse(body) as Decision)
}

const PAIRS = `SELECT one, other FROM apart WHERE one IN (SELECT key FROM identities WHERE profile = $1) AND other IN (SELECT key FROM identities WHERE profile = $2)
  UNION SELECT one, other FROM apart WHERE one IN (SELECT key FROM identities WHERE profile = $2) AND other IN (SELECT key FROM identities WHERE profile = $1)`

export async function areApart(connection: Connection, one: string, other: string): Promise<boolean> {
  return (await first(connection, PAIRS, toText(one), toText(other))) !== undefined
}

export function allowMerge(connection: Connection, one: string, other: string): void {
  connection.tell(`DELETE FROM apart WHERE (one, other) IN (${PAIRS})`, toText(one), toText(other))
}
