import type { Connection } from './connection.ts'

/** As good as any `seq`. A merge that stands has it as its end. */
export const EVER: number = Number.MAX_SAFE_INTEGER

/** As a literal, because an index that is partial is used only where the query says the same. */
export const STANDING: string = `until_seq = ${EVER}`

/**
 * Begins a query with `family`: the profile bound as ?1 and all that were merged into it, directly or not, as it was at the
 * `seq` bound as ?2.
 */
export const FAMILY = `WITH RECURSIVE family (id) AS (
  VALUES (?1) UNION SELECT merges.profile FROM merges JOIN family ON merges.heir = family.id WHERE merges.after_seq < ?2 AND merges.until_seq >= ?2
)`

/** Whom a profile belongs to now: itself, unless it is merged. Takes and gives text as it is stored. */
export function heirOf(connection: Connection, profile: string): string {
  const find = connection.prepare(`SELECT heir FROM merges WHERE profile = ? AND ${STANDING}`)
  let current = profile
  for (;;) {
    const row = find.get(current) as { readonly heir: string } | undefined
    if (row === undefined) return current
    current = row.heir
  }
}

/** A merge that stands, for log entries after `afterSeq`. Text as it is stored. */
export function insertMerge(
  connection: Connection,
  merge: { readonly profile: string; readonly heir: string; readonly at: number; readonly afterSeq: number; readonly afterDecision: number },
): void {
  const sql = 'INSERT INTO merges (profile, heir, at, after_seq, after_decision, until_seq) VALUES (?, ?, ?, ?, ?, ?)'
  connection.run(sql, merge.profile, merge.heir, merge.at, merge.afterSeq, merge.afterDecision, EVER)
}
