import type { Store } from '@waymark/core'
import { type PostgresServer, startPostgresIfPossible } from '@waymark/testkit/postgres'
import { entry, event, NOW, sent, snapshot } from '@waymark/testkit/store'
import { Client } from 'pg'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postgres } from '../src/index.ts'

const DAY = 86_400_000
const running = await startPostgresIfPossible({ settings: { fsync: 'off' } })
afterAll(() => running?.close())

describe.skipIf(running === undefined)('what is stored', () => {
  const server = running as PostgresServer
  let store: Store
  let watcher: Client
  let schemas = 0
  beforeEach(async () => {
    const schema = `data_${schemas++}`
    store = postgres({ connectionString: server.url(), schema })
    await store.open()
    watcher = new Client(server.url())
    await watcher.connect()
    await watcher.query(`SET search_path TO ${schema}`)
  })
  afterEach(async () => {
    await store.close()
    await watcher.end()
  })

  it('comes back as it was: large, and with any character in it', async () => {
    const strange = ['\u0000', '\ud800', 'a\udc00b', '\u{1f600}', '\\', '\\0000', '\u001f\u2028\n', '"\',{}', 'NULL', '']
    const properties = { large: 'x"\\\n😀'.repeat(11_000), list: strange, [strange.join('')]: strange.join('') }
    const ids = strange.filter((id) => id !== '')
    await store.transaction(async (tx) => {
      await tx.append(ids.map((id) => entry(id, { messageId: id, properties })))
      await tx.decide(ids.map((id) => sent(id, { profile: id, rule: id, cause: id })))
      await tx.checkpoint(ids.map((id) => snapshot(id, 1, { definition: id, profile: { traits: properties } })))
      await tx.setCursor(strange.join(''), strange.join(''))
      await tx.quarantine([{ source: '\u0000', reason: '\ud800', version: '', raw: properties }], NOW)
      await tx.record(ids.map((id) => ({ at: NOW, outcome: 'refused', from: id, into: '\ud800', keys: [`user:${id}`], reason: id })))
    })
    for (const id of ids) {
      expect((await store.history(id)).map(({ profile, input }) => [profile, input.kind === 'event' && input.event.properties])).toEqual([[id, properties]])
      expect(await store.message(id)).toMatchObject({ key: id, profile: id, rule: id, cause: id })
      expect((await store.snapshots([id])).get(id)).toMatchObject({ definition: id, profile: { id, traits: properties } })
      expect((await store.journal({ profile: id })).some(({ from, reason }) => from === id && reason === id)).toBe(true)
    }
    expect(await store.cursor(strange.join(''))).toBe(strange.join(''))
    expect(await store.quarantined({ limit: 1 })).toMatchObject([{ source: '\u0000', reason: '\ud800', raw: properties }])
  })

  it('keeps times as they are given: negative, far away, and between two milliseconds', async () => {
    const times = [-8.64e15, -1.5, 0, 0.1 + 0.2, NOW + 0.25, 8.64e15]
    await store.transaction((tx) => tx.append(times.map((now) => ({ ...entry('u'), now }))))
    expect((await store.log(0, 10)).map(({ now }) => now)).toEqual(times)
    await store.transaction((tx) => tx.decide(times.map((at, index) => sent(`k${index}`, { at }))))
    expect((await store.messages('u1')).map(({ decidedAt }) => decidedAt)).toEqual(times)
  })

  it('knows message ids and letters of any length, and says what is wrong with a profile of one', async () => {
    // Not a run of the same few characters, which would be compressed to next to nothing.
    const long = (first: string) => first + Array.from({ length: 2_000 }, (_, index) => `${(index * 7_919).toString(36)}ä"\\`).join('')
    const events = ['a', 'b', 'a'].map((first) => event({ messageId: long(first) }))
    expect(await store.transaction((tx) => tx.claim(events, NOW))).toEqual([true, true, false])
    const letter = { at: NOW, stage: 'sink', plugin: 'crm', reason: long('r'), attempts: 1, version: '' } as const
    await store.transaction((tx) => tx.deadLetter(events.map((one) => ({ ...letter, event: one }))))
    expect((await store.deadLetters({ limit: 5 })).map((one) => one.stage === 'sink' && one.event.messageId[0])).toEqual(['b', 'a'])
    const note = { at: NOW, outcome: 'shared', from: 'x'.repeat(1_500), into: 'y'.repeat(1_500), keys: [], reason: long('r') } as const
    expect(await store.transaction((tx) => tx.record([note, note]))).toEqual([true, false])
    const name = long('u')
    await expect(store.transaction((tx) => tx.link([`user:${name}`], name))).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
      mend: expect.stringContaining('longer'),
    })
  })

  it('has room for every id of 500 characters, wherever it stands', async () => {
    // Three bytes each, and nothing in it to compress.
    let state = 1
    const random = () => String.fromCharCode(0x4e00 + (((state = Math.imul(state, 1_103_515_245) + 12_345) >>> 16) % 0x5000))
    const long = (first: string) => first + Array.from({ length: 499 }, random).join('')
    const [u, a] = [long('u'), long('a')]
    await store.transaction(async (tx) => {
      await tx.link([`user:${u}`], u)
      await tx.link([`anonymous:${a}`], `anon:${a}`)
      await tx.append([entry(u, { messageId: '1' }), entry(`anon:${a}`, { messageId: '2' })])
      await tx.decide([sent(`tip:${u}:${NOW}`, { profile: u })])
      await tx.checkpoint([snapshot(u, 1, { nextWake: NOW })])
      await tx.merge(`anon:${a}`, u, NOW)
      await tx.record([{ at: NOW, outcome: 'shared', from: `anon:${a}`, into: u, keys: [], reason: `it stays with '${u}'` }])
      await tx.deadLetter([{ at: NOW, stage: 'channel', plugin: 'mail', reason: u, attempts: 1, version: '', key: `tip:${u}:${NOW}` }])
      await tx.unmerge({ from: `anon:${a}`, into: u, keys: [`anonymous:${a}`], along: [], entries: [], apart: [`anonymous:${a}`, `user:${u}`] })
    })
    expect(await store.profileIds()).toEqual([`anon:${a}`, u])
    expect(await store.history(u)).toHaveLength(1)
    expect(await store.transaction((tx) => tx.areApart(u, `anon:${a}`))).toBe(true)
  })

  it('forgets message ids after seven days, so many with each transaction', async () => {
    const left = async (): Promise<number> => Number((await watcher.query('SELECT count(*) AS n FROM claims WHERE at = $1', [NOW])).rows[0].n)
    const claim = (count: number, now: number) =>
      store.transaction((tx) =>
        tx.claim(
          Array.from({ length: count }, () => event()),
          now,
        ),
      )
    const old = Array.from({ length: 10_000 }, (_, index) => event({ messageId: `old-${index * 7_919}` }))
    await store.transaction((tx) => tx.claim(old, NOW))
    for (let round = 0; round < 5; round += 1) await claim(600, NOW + 7 * DAY)
    expect(await left()).toBe(10_000)

    let rounds = 0
    for (let before = 10_000; before > 0; rounds += 1) {
      await claim(300, NOW + 7 * DAY + 1)
      const now = await left()
      expect(before - now).toBeLessThanOrEqual(1_200)
      before = now
      expect(rounds).toBeLessThan(60)
    }
    expect(await store.transaction((tx) => tx.claim(old.slice(0, 1), NOW + 8 * DAY))).toEqual([true])
  })
})
