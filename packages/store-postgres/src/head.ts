import { type Connection, first, type Reader } from './connection.ts'

/** The one row that every commit writes last: who writes, how many commits there were, and where the log ends. */
export interface Head {
  /** Counts the hosts that opened the database for writing; a commit under an earlier one fails. */
  readonly epoch: number
  /** Counts the commits: what tells whether one came through whose answer was lost. */
  readonly turn: number
  /** The newest log entry. It is never given to another, also when the entry has been erased. */
  readonly seq: number
}

export async function readHead(reader: Reader): Promise<Head> {
  return (await first<Head>(reader, 'SELECT epoch, turn, seq FROM head')) as Head
}

/** Waits for a commit that is under way, and makes all later ones of who wrote before fail. */
export async function takeOver(reader: Reader): Promise<Head> {
  return (await first<Head>(reader, 'UPDATE head SET epoch = epoch + 1 RETURNING epoch, turn, seq')) as Head
}

/** Under another epoch `turn` would become NULL, which the table does not take: the transaction fails and so does the COMMIT behind it. */
const ADVANCE = 'UPDATE head SET turn = CASE WHEN epoch = $1::bigint THEN $2::bigint END, seq = $3'
export const NOT_NULL_VIOLATION = '23502'

export function advance(connection: Pick<Connection, 'all'>, { epoch, turn, seq }: Head): Promise<unknown> {
  return connection.all(ADVANCE, epoch, turn, seq)
}
