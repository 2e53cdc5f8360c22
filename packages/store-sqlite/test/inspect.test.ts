import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { sqlite } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-inspect-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('tells where it is, how large, on how much room, and that a host has it open, which notices nothing', async () => {
  const path = join(folder, 'a.db')
  const host = sqlite(path)
  await host.open()
  const reader = sqlite(path)
  await reader.open({ readOnly: true })
  expect(await reader.inspect?.()).toMatchObject({
    place: path,
    schema: expect.any(Number),
    bytes: statSync(path).size + statSync(`${path}-wal`).size,
    isWritable: true,
    isInUse: true,
    damage: [],
    room: { freeBytes: expect.any(Number), totalBytes: expect.any(Number) },
  })
  // Looking at the lock, also from the process that holds it, must not let go of it.
  expect(await host.inspect?.()).toMatchObject({ isInUse: true })
  await expect(sqlite(path).open()).rejects.toMatchObject({ code: 'STORE_IN_USE' })
  await host.transaction((tx) => tx.setCursor('still', 'writing'))
  await host.close()
  expect(await reader.inspect?.()).toMatchObject({ isInUse: false })
  await reader.close()
})

it('in memory has neither a size nor another process', async () => {
  const store = sqlite(':memory:')
  await store.open()
  expect(await store.inspect?.()).toEqual({ place: ':memory:', schema: expect.any(Number), bytes: 0, isWritable: true, isInUse: true, damage: [] })
  await store.close()
})
