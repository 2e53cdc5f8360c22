import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { event, NOW, sent } from '@waymark/testkit/store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sqlite } from '../src/index.ts'
import { FIRST } from '../src/schema/first.ts'
import { migrate } from '../src/schema/migrations.ts'
import { SECOND } from '../src/schema/second.ts'

const MINUTE = 60_000

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-third-'))
  path = join(folder, 'waymark.db')
  const database = new DatabaseSync(path)
  migrate(database, [FIRST, SECOND])
  const decision = database.prepare('INSERT INTO ledger (key, profile, rule, at, body) VALUES (?, ?, ?, ?, ?)')
  const message = database.prepare(
    `INSERT INTO messages (key, profile, rule, channel, kind, content, decided_at, state, reason, attempts, not_before, due_at)
     VALUES (?, 'u1', 'tip', 'mail', 'note', '{}', ?, ?, ?, ?, ?, ?)`,
  )
  const rows = [
    ['waits', 'queued', null, 0, NOW, NOW],
    ['retries', 'queued', 'busy', 2, NOW + MINUTE, NOW + MINUTE],
    ['leased', 'queued', 'busy', 2, NOW, NOW + MINUTE],
    ['refused', 'rejected', 'no such person', 1, NOW, NOW],
    ['lost', 'unknown', null, 1, NOW, NOW],
    ['sent', 'sent', null, 1, NOW, NOW],
  ] as const
  for (const [key, state, reason, attempts, notBefore, dueAt] of rows) {
    decision.run(key, 'u1', 'tip', NOW, JSON.stringify(sent(key)))
    message.run(key, NOW, state, reason, attempts, notBefore, dueAt)
  }
  const letter = database.prepare("INSERT INTO dead_letters (at, sink, reason, event) VALUES (?, 'crm', 'never', ?)")
  for (let twice = 0; twice < 2; twice += 1) letter.run(NOW, JSON.stringify(event({ messageId: 'poison' })))
  const quarantined = database.prepare("INSERT INTO quarantine (at, source, reason, raw) VALUES (?, 'web', 'does not fit', ?)")
  const deep = '['.repeat(2_000) + ']'.repeat(2_000)
  for (const raw of [JSON.stringify(event({ messageId: 'misfit' })), '{"type":"track"}', '"{\\"broken"', deep]) quarantined.run(NOW, raw)
  database.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('a database of the second version keeps its outbox, and knows what the host that died had not accounted for', async () => {
  const store = sqlite(path)
  await store.open()
  const messages = new Map((await store.messages('u1')).map((message) => [message.key, message]))
  expect(messages.size).toBe(6)
  expect([...messages].flatMap(([key, { unclearSince }]) => (unclearSince === undefined ? [] : [[key, unclearSince]]))).toEqual([['leased', NOW]])
  expect((await store.transaction((tx) => tx.due('mail', NOW + MINUTE, 10))).map(({ key }) => key)).toEqual(['waits', 'retries', 'leased'])
  await store.close()
})

it('its dead letters stay, and messages that were given up stand among them', async () => {
  const store = sqlite(path)
  await store.open()
  expect(await store.deadLetters({ limit: 10 })).toMatchObject([
    { stage: 'channel', plugin: 'mail', reason: 'unknown', attempts: 1, version: '', message: { key: 'lost' } },
    { stage: 'channel', plugin: 'mail', reason: 'no such person', message: { key: 'refused' } },
    { id: 2, stage: 'sink', plugin: 'crm', reason: 'never', event: { messageId: 'poison' } },
    { id: 1, stage: 'sink', plugin: 'crm', version: '', event: { messageId: 'poison' } },
  ])
  expect(await store.transaction((tx) => tx.retryDeadLetters({}, NOW))).toBe(4)
  expect(await store.nextRetry('crm')).toBe(NOW)
  await store.close()
})

it('its quarantine is told apart into what could be read and what could not', async () => {
  const store = sqlite(path)
  await store.open()
  expect(await store.quarantineTotals()).toEqual([{ source: 'web', count: 4, readable: 1 }])
  const found = await store.quarantined({ limit: 10 })
  expect(found.map((item) => ('event' in item ? 'event' : 'raw'))).toEqual(['raw', 'raw', 'raw', 'event'])
  expect(found[3]).toMatchObject({ version: '', event: { messageId: 'misfit' } })
  await store.close()
})
