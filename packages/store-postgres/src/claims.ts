import type { CanonicalEvent } from '@waymark/core'
import { toText } from '@waymark/core/store-kit'
import { bounded } from './bounded.ts'
import type { Connection } from './connection.ts'
import { texts } from './values.ts'

/** How long a pair is remembered at least. */
const KEPT = 7 * 24 * 60 * 60 * 1_000
/** How many new pairs there are between two times of forgetting, and how many old ones are forgotten for each new one. */
const NOW_AND_THEN = 500
const FOR_EACH = 2

/** What is to be forgotten next. Kept with the store, not in it: a start begins with the oldest. */
export interface Forgetting {
  /** Pairs claimed since the last time. */
  claimed: number
  /** Everything claimed before is forgotten. Looking further back would read over what is deleted and not cleared away yet. */
  upTo: number
}

export function createForgetting(): Forgetting {
  return { claimed: 0, upTo: 0 }
}

const CLAIM = `INSERT INTO claims (source, message, at) SELECT source, message, $3::double precision
  FROM unnest($1::text[], $2::text[]) AS claimed (source, message) ON CONFLICT DO NOTHING RETURNING source, message`

/** Which of these are new. A pair twice in one call is new once. */
export async function claim(connection: Connection, events: readonly CanonicalEvent[], now: number, forgetting: Forgetting): Promise<readonly boolean[]> {
  if (events.length === 0) return []
  const pairs = events.map(({ source, messageId }) => ({ source: toText(source), message: bounded(toText(messageId)) }))
  const rows = await connection.all<Pair>(CLAIM, texts(pairs.map(({ source }) => source)), texts(pairs.map(({ message }) => message)), now)
  const isNew = new Set(rows.map(nameOf))
  forgetting.claimed += events.length
  if (forgetting.claimed >= NOW_AND_THEN) await forget(connection, now - KEPT, forgetting)
  return pairs.map((pair) => isNew.delete(nameOf(pair)))
}

interface Pair {
  readonly source: string
  readonly message: string
}

/** Text as it is stored has no NUL. */
function nameOf({ source, message }: Pair): string {
  return `${source}\0${message}`
}

const FORGET = `DELETE FROM claims WHERE (source, message) IN (SELECT source, message FROM claims WHERE at >= $1 AND at < $2 ORDER BY at LIMIT $3) RETURNING at`

async function forget(connection: Connection, before: number, forgetting: Forgetting): Promise<void> {
  const rows = await connection.all<{ at: number }>(FORGET, forgetting.upTo, before, FOR_EACH * forgetting.claimed)
  forgetting.claimed = 0
  for (const { at } of rows) forgetting.upTo = Math.max(forgetting.upTo, at)
}
