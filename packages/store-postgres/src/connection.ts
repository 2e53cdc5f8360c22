import type { Value } from './values.ts'

/** Who can ask. */
export interface Reader {
  all<Row>(sql: string, ...values: Value[]): Promise<readonly Row[]>
}

/** The connection of one transaction: what is asked and told is carried out in the order of the calls. */
export interface Connection extends Reader {
  /** Sends it and does not wait. That it failed shows at the next answer, or at the commit, which then does not happen. */
  tell(sql: string, ...values: Value[]): void
}

export async function first<Row>(reader: Reader, sql: string, ...values: Value[]): Promise<Row | undefined> {
  return (await reader.all<Row>(sql, ...values))[0]
}
