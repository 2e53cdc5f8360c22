import { type Connection, first } from './connection.ts'

/** As good as any `seq`. A merge that stands has it as its end. */
export const EVER: number = Number.MAX_SAFE_INTEGER

/** As a literal, because an index that is partial is used only where the query says the same. */
export const STANDING: string = `until_seq = ${EVER}`

/**
 * Ends a subquery that is to be answered row by row, through its index. Without it the server joins as it sees fit, and where it knows nothing
 * of a table yet, because it has filled within the last minute, it sees fit to read all of it.
 */
export const AS_IT_STANDS: string = 'OFFSET 0'

/**
 * Begins a query with `family`: the profile bound as $1 and all that were merged into it, directly or not, as it was at the
 * `seq` bound as $2.
 */
export const FAMILY: string = `WITH RECURSIVE family (id) AS (
  SELECT $1::text COLLATE "C" UNION SELECT merged.profile FROM family CROSS JOIN LATERAL (
    SELECT profile FROM merges WHERE merges.heir = family.id AND after_seq < $2::bigint AND until_seq >= $2::bigint ${AS_IT_STANDS}) AS merged
)`

/** SQL for whom a profile belongs to now: itself, unless it is merged. Takes an expression and is one. */
export function heirOf(profile: string): string {
  return `(WITH RECURSIVE line (id, heir) AS (
    SELECT own.id, ${nextHeir('own.id')} FROM (SELECT ${profile} COLLATE "C" AS id) AS own
    UNION SELECT line.heir, ${nextHeir('line.heir')} FROM line WHERE line.heir IS NOT NULL
  ) SELECT id FROM line WHERE heir IS NULL)`
}

function nextHeir(profile: string): string {
  return `(SELECT merges.heir FROM merges WHERE merges.profile = ${profile} AND ${STANDING})`
}

const HEIR = `SELECT ${heirOf('$1::text')} AS heir`

/** Takes and gives text as it is stored. */
export async function findHeir(connection: Connection, profile: string): Promise<string> {
  return (await first<{ heir: string }>(connection, HEIR, profile))?.heir ?? profile
}

const INSERT = `INSERT INTO merges (profile, heir, at, after_seq, after_decision, until_seq) VALUES ($1, $2, $3, $4, $5, ${EVER})`

/** A merge that stands, for log entries after `afterSeq`. Text as it is stored. */
export function insertMerge(
  connection: Connection,
  merge: { readonly profile: string; readonly heir: string; readonly at: number; readonly afterSeq: number; readonly afterDecision: number },
): void {
  connection.tell(INSERT, merge.profile, merge.heir, merge.at, merge.afterSeq, merge.afterDecision)
}
