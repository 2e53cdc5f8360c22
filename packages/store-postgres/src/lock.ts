import { setTimeout as pause } from 'node:timers/promises'
import { first } from './connection.ts'
import { inUse } from './errors.ts'
import type { Settings } from './options.ts'
import type { Session } from './session.ts'

/** Tells this kind of lock from those of other programs in the same database: 'WAYM'. */
const KIND = 0x57_41_59_4d
/** The server takes a moment to notice that a process has ended. */
const JUST_ENDED = 2_000
const PAUSE = 50

const TAKE = `SELECT pg_try_advisory_lock(${KIND}, hashtext($1)) AS taken`
/** The session that holds the lock of the schema bound as $1. */
export const HOLDER: string = `SELECT pid, host(client_addr) AS address FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND granted AND classid = ${KIND} AND objid = (hashtext($1)::bigint & 4294967295)::oid AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

/**
 * Makes the session the one that writes to the schema. The lock belongs to the very session that writes, so that it cannot be lost while that
 * one still can: the server gives it back when the session ends, however it ends, and with the session ends its transaction.
 */
export async function takeLock(session: Session, { schema, place }: Settings): Promise<void> {
  for (let waited = 0; ; waited += PAUSE) {
    if ((await first<{ taken: boolean }>(session, TAKE, schema))?.taken === true) return
    if (waited >= JUST_ENDED) break
    await pause(PAUSE)
  }
  const holder = await first<{ pid: number; address: string | null }>(session, HOLDER, schema)
  const from = holder === undefined || holder.address === null ? '' : ` from ${holder.address}`
  throw inUse(place, holder === undefined ? '' : ` (in session ${holder.pid}${from})`)
}

/** At once, and not when the server notices that the connection is closed: the next host may be waiting. */
export async function releaseLock(session: Session): Promise<void> {
  await session.all('SELECT pg_advisory_unlock_all()').catch(() => {})
}
