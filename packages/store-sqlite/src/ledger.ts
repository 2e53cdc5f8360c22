import type { CanonicalEvent, DeadLetter, Decision, DecisionFilter, Quarantined, Unreadable } from '@waymark/core'
import type { Database } from './database.ts'
import { enqueue } from './messages.ts'

export function decide(database: Database, decisions: readonly Decision[]): void {
  for (const decision of decisions) {
    const { changes } = database.run(
      'INSERT OR IGNORE INTO decisions (key, profile, rule, at, decision) VALUES (?, ?, ?, ?, ?)',
      decision.key,
      decision.profile,
      decision.rule,
      decision.at,
      JSON.stringify(decision),
    )
    if (changes === 1 && decision.outcome === 'sent') enqueue(database, decision)
  }
}

export function decisions(database: Database, { profile, rule, until, limit }: DecisionFilter): readonly Decision[] {
  return database
    .all<{ decision: string }>(
      `SELECT decision FROM decisions WHERE (?1 IS NULL OR profile = ?1) AND (?2 IS NULL OR rule = ?2) AND (?3 IS NULL OR at <= ?3)
       ORDER BY at DESC, id DESC LIMIT ?4`,
      profile ?? null,
      rule ?? null,
      until ?? null,
      limit ?? 1_000,
    )
    .map((row) => JSON.parse(row.decision) as Decision)
}

export function quarantine(database: Database, items: readonly Unreadable[], now: number): void {
  for (const { source, reason, raw } of items) {
    database.run('INSERT INTO quarantine (at, source, reason, raw) VALUES (?, ?, ?, ?)', now, source, reason, JSON.stringify(raw) ?? 'null')
  }
}

export function quarantined(database: Database, limit: number): readonly Quarantined[] {
  return database
    .all<{ id: number; at: number; source: string; reason: string; raw: string }>('SELECT * FROM quarantine ORDER BY id DESC LIMIT ?', limit)
    .map((row) => ({ ...row, raw: JSON.parse(row.raw) as unknown }))
}

export function deadLetter(database: Database, letters: readonly Omit<DeadLetter, 'id'>[]): void {
  for (const { at, sink, reason, event } of letters) {
    database.run('INSERT INTO dead_letters (at, sink, reason, event) VALUES (?, ?, ?, ?)', at, sink, reason, JSON.stringify(event))
  }
}

export function deadLetters(database: Database, limit: number): readonly DeadLetter[] {
  return database
    .all<{ id: number; at: number; sink: string; reason: string; event: string }>('SELECT * FROM dead_letters ORDER BY id DESC LIMIT ?', limit)
    .map((row) => ({ ...row, event: JSON.parse(row.event) as CanonicalEvent }))
}
