import type { Decision, DecisionFilter } from '@waymark/core'
import { toText } from '@waymark/core/store-kit'
import type { Connection, Reader } from './connection.ts'
import { AS_IT_STANDS, EVER, FAMILY, heirOf } from './merges.ts'
import { numbers, texts, type Value } from './values.ts'

const DECISIONS = 1_000

/** A sent one has a channel, and its message goes to the outbox of whom the profile belongs to by now. */
const DECIDE = `WITH made AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::double precision[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
      WITH ORDINALITY AS made (key, profile, rule, at, body, channel, kind, content, cause, n)
  ), fresh AS (
    INSERT INTO ledger (key, profile, rule, at, body) SELECT key, profile, rule, at, body FROM made ORDER BY n ON CONFLICT (key) DO NOTHING RETURNING key
  )
  INSERT INTO messages (key, profile, rule, channel, kind, content, decided_at, cause, state, not_before, due_at)
  SELECT key, ${heirOf('made.profile')}, rule, channel, kind, content, at, cause, 'queued', at, at
  FROM made JOIN fresh USING (key) WHERE channel IS NOT NULL ORDER BY n ON CONFLICT (key) DO NOTHING`

export function decide(connection: Connection, decisions: readonly Decision[]): void {
  // Of a key that comes twice the first counts.
  const keys = new Set<string>()
  const made = decisions.filter(({ key }) => !keys.has(key) && keys.add(key))
  if (made.length === 0) return
  const messages = made.map(({ outcome, message }) => (outcome === 'sent' ? message : undefined))
  connection.tell(
    DECIDE,
    texts(made.map(({ key }) => toText(key))),
    texts(made.map(({ profile }) => toText(profile))),
    texts(made.map(({ rule }) => toText(rule))),
    numbers(made.map(({ at }) => at)),
    texts(made.map((decision) => JSON.stringify(decision))),
    texts(messages.map((message) => (message === undefined ? null : toText(message.channel)))),
    texts(messages.map((message) => (message === undefined ? null : toText(message.kind)))),
    texts(messages.map((message) => (message === undefined ? null : JSON.stringify(message.content)))),
    texts(made.map(({ cause }) => (cause === undefined ? null : toText(cause)))),
  )
}

/**
 * Of a profile: also what was decided for those merged into it, under the name they had. Found before anything else is asked of it, or the
 * server might walk everybody's decisions in the order of time.
 */
export async function decisions(reader: Reader, { profile, rule, until, limit = DECISIONS }: DecisionFilter): Promise<readonly Decision[]> {
  const values: Value[] = profile === undefined ? [] : [toText(profile), EVER]
  const own = `${FAMILY}, own AS MATERIALIZED (
    SELECT ledger.* FROM family CROSS JOIN LATERAL (SELECT * FROM ledger WHERE ledger.profile = family.id ${AS_IT_STANDS}) AS ledger)`
  const bound = (value: Value): string => `$${values.push(value)}`
  const conditions = [...(rule === undefined ? [] : [`rule = ${bound(toText(rule))}`]), ...(until === undefined ? [] : [`at <= ${bound(until)}`])]
  const sql = `${profile === undefined ? '' : own} SELECT body FROM ${profile === undefined ? 'ledger' : 'own'}
    ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} ORDER BY at DESC, id DESC LIMIT ${bound(Math.max(0, limit))}`
  return (await reader.all<{ body: string }>(sql, ...values)).map(({ body }) => JSON.parse(body) as Decision)
}
