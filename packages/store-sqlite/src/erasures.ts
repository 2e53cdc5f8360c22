import type { Erasure, ErasureFilter, ErasureRequest, ErasureTotal, Tombstone } from '@waymark/core'
import { type ErasureRow, erasureBody, fromText, jobsOf, toErasure, toText } from '@waymark/core/store-kit'
import type { Connection } from './connection.ts'

const ERASURES = 1_000

export function requestErasure(connection: Connection, request: ErasureRequest): void {
  const bury = connection.prepare('INSERT INTO tombstones VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  for (const key of request.keys) bury.run(toText(key), toText(request.person), request.at)
  const insert = connection.prepare(
    `INSERT INTO erasures (person, plugin, state, due_by, next_at, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (person, plugin)
     DO UPDATE SET state = excluded.state, due_by = excluded.due_by, next_at = excluded.next_at, body = excluded.body WHERE erasures.state = 'failed'`,
  )
  for (const job of jobsOf(request)) insert.run(toText(job.person), toText(job.plugin), job.state, job.dueBy, job.nextAt ?? null, erasureBody(job))
}

export function settleErasure(connection: Connection, erasure: Erasure): void {
  connection.run('UPDATE erasures SET state = ?, next_at = ?, body = ? WHERE id = ?', erasure.state, erasure.nextAt ?? null, erasureBody(erasure), erasure.id)
}

export function tombstones(connection: Connection): readonly Tombstone[] {
  return connection.all<Tombstone>('SELECT key, person FROM tombstones').map(({ key, person }) => ({ key: fromText(key), person: fromText(person) }))
}

export function erasures(connection: Connection, { persons, limit = ERASURES }: ErasureFilter): readonly Erasure[] {
  const where = persons === undefined ? '' : 'WHERE person IN (SELECT value FROM json_each(?))'
  const sql = `SELECT id, plugin, body FROM erasures ${where} ORDER BY id DESC LIMIT ?`
  const values = persons === undefined ? [] : [JSON.stringify(persons.map(toText))]
  return connection.all<ErasureRow>(sql, ...values, Math.max(0, limit)).map(toErasure)
}

export function openErasures(connection: Connection, plugin: string, limit: number): readonly Erasure[] {
  const sql = 'SELECT id, plugin, body FROM erasures WHERE plugin = ? AND next_at IS NOT NULL ORDER BY next_at, id LIMIT ?'
  return connection.all<ErasureRow>(sql, toText(plugin), Math.max(0, limit)).map(toErasure)
}

export function erasureTotals(connection: Connection, now: number): readonly ErasureTotal[] {
  const sql = `SELECT plugin, state, count(*) AS count, count(CASE WHEN state IN ('waiting', 'requested') AND next_at IS NOT NULL AND due_by < ? THEN 1 END) AS overdue
    FROM erasures GROUP BY plugin, state ORDER BY plugin, state`
  return connection.all<ErasureTotal>(sql, now).map(({ plugin, state, count, overdue }) => ({ plugin: fromText(plugin), state, count, overdue }))
}
