import { Pool } from 'pg'
import type { Reader } from './connection.ts'
import type { Settings } from './options.ts'
import { whileAway } from './retry.ts'
import { applySettings, prepared, WHOLE_NUMBERS } from './session.ts'
import type { Value } from './values.ts'

/** Connections that see what is committed and cannot change anything. One that was lost is replaced. */
export interface Readers extends Reader {
  /** After what was asked for has been answered. */
  close(): Promise<void>
}

export function createReaders({ client, schema, readers, reconnectTimeout }: Settings): Readers {
  const pool = new Pool({
    ...client,
    types: WHOLE_NUMBERS,
    max: readers,
    // The pool waits for it, though its types do not say so.
    onConnect: async (connected) => {
      await applySettings(connected, schema)
      await connected.query('SET default_transaction_read_only = on')
    },
  })
  // An idle connection that breaks has left the pool already; the next read makes another.
  pool.on('error', () => {})
  const asked = new Set<Promise<unknown>>()

  return {
    async all<Row>(sql: string, ...values: Value[]) {
      const answer = whileAway(reconnectTimeout, () => pool.query(prepared(sql, values)))
      asked.add(answer)
      try {
        return (await answer).rows as Row[]
      } finally {
        asked.delete(answer)
      }
    },
    async close() {
      await Promise.allSettled(asked)
      await pool.end()
    },
  }
}
