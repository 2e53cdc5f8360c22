import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf } from '@waymark/testkit/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { duckdb } from '../src/duckdb.ts'
import { madeEvents } from './made-events.ts'

const KILLS = 20
const EVENTS = 12_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-kill-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(seed: number): ChildProcess {
  const args = [folder, String(EVENTS), String(seed)]
  return fork(join(import.meta.dirname, 'writer-process.ts'), args, { execArgv: ['--conditions=@waymark/source'], stdio: ['ignore', 2, 2, 'ipc'] })
}

/** Kills it in the middle of its work: some milliseconds after it told of a few batches. Says whether it had ended by itself before. */
async function killed(child: ChildProcess, messages: number, milliseconds: number): Promise<boolean> {
  let told = 0
  child.on('message', () => {
    told += 1
    if (told === messages) setTimeout(() => child.kill('SIGKILL'), milliseconds)
  })
  return new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal === 'SIGKILL')))
}

it(`loses nothing and doubles nothing when it is killed ${KILLS} times in the middle of loads and compactions`, async () => {
  let kills = 0
  for (let round = 0; round < KILLS; round += 1) if (await killed(start(round), 2 + (round % 5), (round * 13) % 40)) kills += 1
  expect(kills).toBe(KILLS)
  await killed(start(KILLS), Number.POSITIVE_INFINITY, 0)

  const { warehouse } = duckdb({ folder: join(folder, 'lake'), threads: 1 })
  const found = await rowsOf<{ source: string; message_id: string; day: string }>(
    warehouse,
    ['events', 'memberships', 'decisions'].map((table) => `SELECT source, message_id, day FROM ${table}`).join(' UNION ALL '),
  )
  const line = (...parts: readonly unknown[]) => parts.join(' ')
  const expected = madeEvents(EVENTS).map((event) => line(event.source, event.messageId, new Date(event.timestamp).toISOString().slice(0, 10)))
  expect(found.map((row) => line(row.source, row.message_id, row.day)).toSorted()).toEqual(expected.toSorted())

  // What the kills left behind goes when the next writer comes, with all that was replaced.
  await warehouse.compact()
  await warehouse.erase({ profile: 'nobody', userIds: [], anonymousIds: [] })
  const { tables } = await warehouse.info()
  await warehouse.close()
  const left = readdirSync(join(folder, 'lake'), { recursive: true }).filter((name) => String(name).endsWith('.parquet'))
  expect(left).toHaveLength(tables.events.files + tables.memberships.files + tables.decisions.files)
}, 180_000)
