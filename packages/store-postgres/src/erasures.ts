import type { Erasure, ErasureFilter, ErasureRequest, ErasureTotal, Tombstone } from '@waymark/core'
import { type ErasureRow, erasureBody, fromText, jobsOf, toErasure, toText } from '@waymark/core/store-kit'
import type { Connection, Reader } from './connection.ts'
import { texts } from './values.ts'

const ERASURES = 1_000

const BURY = 'INSERT INTO tombstones (key, person, at) SELECT key, $2, $3::double precision FROM unnest($1::text[]) AS buried (key) ON CONFLICT DO NOTHING'
const REQUEST = `INSERT INTO erasures (person, plugin, state, due_by, next_at, body) VALUES ($1, $2, $3, $4::double precision, $5::double precision, $6)
  ON CONFLICT (person, plugin) DO UPDATE SET state = excluded.state, due_by = excluded.due_by, next_at = excluded.next_at, body = excluded.body
  WHERE erasures.state = 'failed'`

export function requestErasure(connection: Connection, request: ErasureRequest): void {
  connection.tell(BURY, texts(request.keys.map(toText)), toText(request.person), request.at)
  for (const job of jobsOf(request)) {
    connection.tell(REQUEST, toText(job.person), toText(job.plugin), job.state, job.dueBy, job.nextAt ?? null, erasureBody(job))
  }
}

const SETTLE = 'UPDATE erasures SET state = $2, next_at = $3::double precision, body = $4 WHERE id = $1'

export function settleErasure(connection: Connection, erasure: Erasure): void {
  connection.tell(SETTLE, erasure.id, erasure.state, erasure.nextAt ?? null, erasureBody(erasure))
}

export async function tombstones(reader: Reader): Promise<readonly Tombstone[]> {
  const rows = await reader.all<Tombstone>('SELECT key, person FROM tombstones')
  return rows.map(({ key, person }) => ({ key: fromText(key), person: fromText(person) }))
}

export async function erasures(reader: Reader, { persons, limit = ERASURES }: ErasureFilter): Promise<readonly Erasure[]> {
  const where = persons === undefined ? '' : 'WHERE person = ANY($2::text[])'
  const values = persons === undefined ? [] : [texts(persons.map(toText))]
  const sql = `SELECT id, plugin, body FROM erasures ${where} ORDER BY id DESC LIMIT $1`
  return (await reader.all<ErasureRow>(sql, Math.max(0, limit), ...values)).map(toErasure)
}

export async function openErasures(reader: Reader, plugin: string, limit: number): Promise<readonly Erasure[]> {
  const sql = 'SELECT id, plugin, body FROM erasures WHERE plugin = $1 AND next_at IS NOT NULL ORDER BY next_at, id LIMIT $2'
  return (await reader.all<ErasureRow>(sql, toText(plugin), Math.max(0, limit))).map(toErasure)
}

const TOTALS = `SELECT plugin, state, count(*) AS count,
    count(*) FILTER (WHERE state IN ('waiting', 'requested') AND next_at IS NOT NULL AND due_by < $1) AS overdue
  FROM erasures GROUP BY plugin, state ORDER BY plugin, state`

export async function erasureTotals(reader: Reader, now: number): Promise<readonly ErasureTotal[]> {
  return (await reader.all<ErasureTotal>(TOTALS, now)).map(({ plugin, ...total }) => ({ ...total, plugin: fromText(plugin) }))
}
