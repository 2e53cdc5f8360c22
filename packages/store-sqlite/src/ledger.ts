import type { CanonicalEvent, DeadLetter, Decision, DecisionFilter, Quarantined, Unreadable } from '@waymark/core'
import type { Connection } from './connection.ts'
import { EVER, FAMILY } from './merges.ts'
import { enqueue } from './messages.ts'
import { fromText, toText } from './text.ts'

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

export function quarantine(connection: Connection, items: readonly Unreadable[], now: number): void {
  const insert = connection.prepare('INSERT INTO quarantine (at, source, reason, raw) VALUES (?, ?, ?, ?)')
  for (const { source, reason, raw } of items) insert.run(now, toText(source), toText(reason), toJson(raw))
}

export function quarantined(connection: Connection, limit: number): readonly Quarantined[] {
  return connection
    .all<{ id: number; at: number; source: string; reason: string; raw: string }>('SELECT * FROM quarantine ORDER BY id DESC LIMIT ?', Math.max(0, limit))
    .map(({ id, at, source, reason, raw }) => ({ id, at, source: fromText(source), reason: fromText(reason), raw: JSON.parse(raw) as unknown }))
}

export function deadLetter(connection: Connection, letters: readonly Omit<DeadLetter, 'id'>[]): void {
  const insert = connection.prepare('INSERT INTO dead_letters (at, sink, reason, event) VALUES (?, ?, ?, ?)')
  for (const { at, sink, reason, event } of letters) insert.run(at, toText(sink), toText(reason), JSON.stringify(event))
}

export function deadLetters(connection: Connection, limit: number): readonly DeadLetter[] {
  return connection
    .all<{ id: number; at: number; sink: string; reason: string; event: string }>('SELECT * FROM dead_letters ORDER BY id DESC LIMIT ?', Math.max(0, limit))
    .map(({ id, at, sink, reason, event }) => ({ id, at, sink: fromText(sink), reason: fromText(reason), event: JSON.parse(event) as CanonicalEvent }))
}

/** What could not be read may be anything; what JSON cannot hold is kept as the text it shows itself as. */
function toJson(raw: unknown): string {
  try {
    return JSON.stringify(raw) ?? 'null'
  } catch {
    return JSON.stringify(String(raw))
  }
}
