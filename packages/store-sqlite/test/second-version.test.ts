import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { entry, NOW, otherEntry, snapshot } from '@waymark/testkit/store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sqlite } from '../src/index.ts'
import { FIRST } from '../src/schema/first.ts'
import { migrate } from '../src/schema/migrations.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-second-'))
  path = join(folder, 'waymark.db')
  const database = new DatabaseSync(path)
  migrate(database, [FIRST])
  const log = database.prepare('INSERT INTO log (batch, profile, now, kind, body) VALUES (1, ?, ?, ?, ?)')
  const entries = [entry('anon:a', { messageId: '1' }), entry('u', { messageId: '2' }), otherEntry('u', { kind: 'merge', from: 'anon:a' })]
  for (const { profile, now, input } of entries) log.run(profile, now, input.kind, JSON.stringify(input))
  database.exec("INSERT INTO identities VALUES ('anonymous:a', 'u'), ('user:u', 'u'); INSERT INTO merges VALUES ('anon:a', 'u', 7, 2)")
  database.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('a database of the first version keeps its merges, and they can be undone', async () => {
  const store = sqlite(path)
  await store.open()
  expect(await store.history('u')).toHaveLength(2)
  expect(await store.transaction((tx) => tx.history('u', 2))).toHaveLength(1)
  expect(await store.profileIds()).toEqual(['u'])
  await store.transaction((tx) => tx.checkpoint([snapshot('u', 3), snapshot('anon:a', 1)]))
  expect((await store.snapshots(['anon:a'])).size).toBe(0)
  await store.transaction((tx) => tx.unmerge({ from: 'anon:a', into: 'u', keys: ['anonymous:a'], along: [], entries: [], apart: ['anonymous:a', 'user:u'] }))
  expect(await store.history('u')).toHaveLength(1)
  expect(await store.history('anon:a')).toHaveLength(1)
  expect(await store.transaction((tx) => tx.merge('anon:a', 'u', NOW))).toEqual(['anonymous:a'])
  await store.close()
})

it('a database of an earlier version is not read, and not changed, by who opens it to read only', async () => {
  const before = readFileSync(path)
  await expect(sqlite(path).open({ readOnly: true })).rejects.toMatchObject({
    code: 'STORE_OLDER',
    place: path,
    mend: expect.stringContaining('start the host'),
  })
  expect(readFileSync(path).equals(before)).toBe(true)
})
