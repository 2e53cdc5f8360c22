import type { Connection } from './connection.ts'

/** Begins a query with `family`: the profile bound first and all that were merged into it, directly or not, by the `seq` bound second. */
export const FAMILY = `WITH RECURSIVE family (id) AS (
  VALUES (?) UNION SELECT merges.profile FROM merges JOIN family ON merges.heir = family.id WHERE merges.after_seq < ?
)`

/** As good as any `seq`. */
export const EVER: number = Number.MAX_SAFE_INTEGER

/** Whom a profile belongs to now: itself, unless it was merged. Takes and gives text as it is stored. */
export function heirOf(connection: Connection, profile: string): string {
  const find = connection.prepare('SELECT heir FROM merges WHERE profile = ?')
  let current = profile
  for (;;) {
    const row = find.get(current) as { readonly heir: string } | undefined
    if (row === undefined) return current
    current = row.heir
  }
}
