import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CanonicalEvent, ConversationChange, Identity } from '@waymark/core'
import { describeEraser, describeSink, memoryContext, sampleEvent, sampleEvents } from '@waymark/testkit/plugin'
import { rowsOf } from '@waymark/testkit/warehouse'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { duckdb } from '../src/duckdb.ts'

/** A lake on a disk of its own, which can be taken away: then something else lies where its tables were. */
function lakeOnDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-lake-'))
  const plugin = duckdb({ folder, threads: 1 })
  const stored: unknown[] = []
  const deliver = plugin.sink!.deliver
  const watched = {
    ...plugin,
    sink: {
      ...plugin.sink!,
      async deliver(...call: Parameters<typeof deliver>) {
        try {
          return await deliver(...call)
        } catch (error) {
          return call[0].map(() => ({ status: 'retry' as const, reason: String(error) }))
        } finally {
          // What is really there, by asking the lake.
          const rows = await rowsOf(plugin.warehouse, 'SELECT message_id FROM events').catch(() => [])
          stored.splice(0, stored.length, ...rows)
        }
      },
    },
  }
  const stop = async () => {
    for (const path of ['catalog.db', 'events', 'decisions', 'memberships']) rmSync(join(folder, path), { recursive: true, force: true })
    for (const path of ['events', 'decisions', 'memberships']) writeFileSync(join(folder, path), '')
  }
  return { plugin: watched, receiver: { stored, next: () => {}, plays: [], stop } }
}

describeSink('DuckDB', lakeOnDisk)
describeEraser('DuckDB', () => {
  const { plugin, receiver } = lakeOnDisk()
  return {
    plugin: { ...plugin, eraser: { erase: (...call) => plugin.eraser!.erase(...call) } },
    receiver: {
      ...receiver,
      async stop() {
        await receiver.stop()
        await plugin.stop!()
      },
    },
  }
})

describe('the lake as a plugin', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waymark-lake-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const visit = (index: number): CanonicalEvent => {
    const { userId: _, ...rest } = sampleEvent(index, { anonymousId: 'laptop' })
    return rest as CanonicalEvent
  }

  it('follows the identities of its host: asks whose an event is, and hears of merges and unmerges', async () => {
    const listeners: ((change: ConversationChange) => void)[] = []
    const owners = new Map<string, string>()
    const context = {
      ...memoryContext(),
      conversation: {
        ...memoryContext().conversation,
        profileOf: async ({ userId, anonymousId }: Identity) => owners.get(userId ?? String(anonymousId)),
        watch(listener: (change: ConversationChange) => void) {
          listeners.push(listener)
          return () => {}
        },
      },
    }
    const lake = duckdb({ folder, threads: 1 })
    await lake.start!(context)
    const profiles = async () => (await rowsOf<{ profile: string }>(lake.warehouse, 'SELECT profile FROM events ORDER BY ts')).map(({ profile }) => profile)
    await lake.sink!.deliver([visit(0)], context)
    expect(await profiles()).toEqual(['anon:laptop'])
    owners.set('laptop', 'sample-user')
    listeners[0]!({ kind: 'merged', from: 'anon:laptop', into: 'sample-user' })
    await lake.sink!.deliver([visit(1)], context)
    expect(await profiles()).toEqual(['sample-user', 'sample-user'])
    owners.set('laptop', 'anon:laptop')
    listeners[0]!({ kind: 'unmerged', from: 'anon:laptop', into: 'sample-user' })
    await lake.sink!.deliver([sampleEvent(2)], context)
    expect(await profiles()).toEqual(['anon:laptop', 'anon:laptop', 'sample-user'])
    await lake.stop!()
  })

  it('learns of a merge it was not told of, from the event that made it', async () => {
    const owners = new Map<string, string>()
    const context = {
      ...memoryContext(),
      conversation: { ...memoryContext().conversation, profileOf: async (id: Identity) => owners.get(String(id.anonymousId)) },
    }
    const before = duckdb({ folder, threads: 1 })
    await before.start!(context)
    await before.sink!.deliver([visit(0)], context)
    await before.stop!()
    owners.set('laptop', 'sample-user')
    const lake = duckdb({ folder, threads: 1 })
    await lake.start!(context)
    await lake.sink!.deliver([sampleEvent(1, { anonymousId: 'laptop' })], context)
    expect(await rowsOf(lake.warehouse, 'SELECT DISTINCT profile FROM events')).toEqual([{ profile: 'sample-user' }])
    await lake.stop!()
  })

  it('lets one host write and others read', async () => {
    const lake = duckdb({ folder, threads: 1 })
    await lake.start!(memoryContext())
    const other = duckdb({ folder, threads: 1 })
    await expect((async () => other.start!(memoryContext()))()).rejects.toMatchObject({ code: 'WAREHOUSE_IN_USE' })
    await lake.sink!.deliver(sampleEvents(3), memoryContext())
    await other.probe!()
    expect(await rowsOf(other.warehouse, 'SELECT COUNT(*) AS many FROM events')).toEqual([{ many: 3 }])
    await lake.sink!.deliver(sampleEvents(3, 3), memoryContext())
    expect(await rowsOf(other.warehouse, 'SELECT COUNT(*) AS many FROM events')).toEqual([{ many: 6 }])
    await lake.stop!()
    // Once the first is gone the second may write.
    await other.start!(memoryContext())
    await other.stop!()
  })

  it('merges small files by itself, and answers for what it consists of', async () => {
    const lake = duckdb({ folder, threads: 1, graceMs: 0 })
    await lake.start!(memoryContext())
    for (let index = 0; index < 40; index += 1) await lake.sink!.deliver([sampleEvent(index)], memoryContext())
    await lake.warehouse.erase({ profile: 'nobody', userIds: [], anonymousIds: [] })
    const { tables } = await lake.warehouse.info()
    expect(tables.events).toMatchObject({ days: 1, rows: 40 })
    expect(tables.events.files).toBeLessThan(30)
    await lake.warehouse.compact()
    expect((await lake.warehouse.info()).tables.events.files).toBe(1)
    await lake.stop!()
  })

  it.each([
    [{ folder: '' }, 'folder'],
    [{ folder: 'x', memoryLimit: 'much' }, 'memoryLimit'],
    [{ folder: 'x', graceMs: -1 }, 'graceMs'],
    [{ folder: 'x', treads: 2 } as never, 'treads'],
  ])('says which option is wrong: %j', (options, option) => {
    expect(() => duckdb(options)).toThrow(expect.objectContaining({ code: 'DUCKDB_OPTION_INVALID', place: `duckdb.${option}` }))
  })
})
