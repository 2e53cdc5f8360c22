import type { Decision, DecisionFilter } from '@waymark/core'
import { toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'
import { EVER, FAMILY } from './merges.ts'
import { enqueue } from './messages.ts'

const DECISIONS = 1_000

export function decide(connection: Connection, made: readonly Decision[]): void {
  const insert = connection.prepare('INSERT INTO ledger (key, profile, rule, at, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING')
  for (const decision of made) {
    const { key, profile, rule, at } = decision
    const isNew = insert.run(toText(key), toText(profile), toText(rule), at, JSON.stringify(decision)).changes === 1
    if (isNew && decision.outcome === 'sent' && decision.message !== undefined) enqueue(connection, decision, decision.message)
  }
}

/** Of a profile: also what was decided for those merged into it, under the name they had. */
export function decisions(connection: Connection, { profile, rule, until, limit = DECISIONS }: DecisionFilter): readonly Decision[] {
  const values: (string | number)[] = []
  const conditions: string[] = []
  if (profile !== undefined) {
    conditions.push('profile IN (SELECT id FROM family)')
    values.push(toText(profile), EVER)
  }
  if (rule !== undefined) {
    // `+` keeps SQLite from walking everybody's decisions of the rule when one profile's are asked for.
    conditions.push(profile === undefined ? 'rule = ?' : '+rule = ?')
    values.push(toText(rule))
  }
  if (until !== undefined) {
    conditions.push('at <= ?')
    values.push(until)
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const sql = `${profile === undefined ? '' : FAMILY} SELECT body FROM ledger ${where} ORDER BY at DESC, id DESC LIMIT ?`
  return connection.all<{ body: string }>(sql, ...values, Math.max(0, limit)).map(({ body }) => JSON.parse(body) as Decision)
}
