import type { LogPlace, NewLogEntry, Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { messageIds } from './message-ids.ts'
import { entry, NOW, otherEntry, snapshot } from './samples.ts'

const BEGINNING: LogPlace = { profile: '', seq: 0 }
const EVER = Number.MAX_SAFE_INTEGER

/** What is taken out of the log, and how it is gone through to find out what may go. */
export function describeCompaction(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  const append = (...entries: readonly NewLogEntry[]) => store.transaction((tx) => tx.append(entries))

  describe('entries that are dropped', () => {
    it('are gone from the log and from histories, and the others are as they were', async () => {
      const seqs = await append(
        entry('u1', { messageId: 'a' }),
        entry('u1', { messageId: 'b' }),
        entry('u2', { messageId: 'c' }),
        entry('u1', { messageId: 'd' }),
      )
      const before = await store.log(0, 10)
      expect(await store.transaction((tx) => tx.drop({ seqs: [seqs[1] as number, seqs[2] as number] }))).toBe(2)
      expect(await store.log(0, 10)).toEqual([before[0], before[3]])
      expect(messageIds(await store.history('u1'))).toEqual(['a', 'd'])
      expect(await store.history('u2')).toEqual([])
      expect(messageIds(await store.transaction((tx) => tx.history('u1', seqs[2])))).toEqual(['a'])
    })

    it('leave their numbers unused, also the newest of all', async () => {
      const seqs = await append(entry('u1'), entry('u1'))
      await store.transaction((tx) => tx.drop({ seqs }))
      expect(await store.lastSeq()).toBe(seqs[1])
      expect(await store.log(0, 10)).toEqual([])
      const [next] = await append(entry('u1'))
      expect(next).toBeGreaterThan(seqs[1] as number)
    })

    it('may be named by their kinds and place', async () => {
      const seqs = await append(
        otherEntry('u1', { kind: 'tick', at: NOW }),
        entry('u1', { messageId: 'kept' }),
        otherEntry('u1', { kind: 'merge', from: 'u3' }),
        otherEntry('u2', { kind: 'undelivered', rule: 'tip', decidedAt: NOW }),
        otherEntry('u2', { kind: 'tick', at: NOW }),
        otherEntry('u2', { kind: 'tick', at: NOW + 1 }),
      )
      const which = { kinds: ['tick', 'undelivered'], after: seqs[0] as number, upTo: seqs[4] as number } as const
      expect(await store.transaction((tx) => tx.drop(which))).toBe(2)
      expect((await store.log(0, 10)).map(({ seq }) => seq)).toEqual([seqs[0], seqs[1], seqs[2], seqs[5]])
      expect(await store.transaction((tx) => tx.drop(which))).toBe(0)
      expect(await store.transaction((tx) => tx.drop({ kinds: [], after: 0, upTo: EVER }))).toBe(0)
    })

    it('that are not there are passed over; none is none', async () => {
      const [seq] = await append(entry('u1'))
      expect(await store.transaction((tx) => tx.drop({ seqs: [] }))).toBe(0)
      expect(await store.transaction((tx) => tx.drop({ seqs: [(seq as number) + 5, seq as number, seq as number] }))).toBe(1)
      expect(await store.transaction((tx) => tx.drop({ seqs: [seq as number] }))).toBe(0)
    })

    it('are there still when the transaction fails', async () => {
      const seqs = await append(entry('u1'), otherEntry('u1', { kind: 'tick', at: NOW }))
      const failed = store.transaction(async (tx) => {
        await tx.drop({ seqs })
        await tx.drop({ kinds: ['tick'], after: 0, upTo: EVER })
        expect(await tx.history('u1')).toEqual([])
        throw new Error('no')
      })
      await expect(failed).rejects.toThrow('no')
      expect(await store.log(0, 10)).toHaveLength(2)
    })

    it('may be those that turned out to be of another; the rest of both histories stays', async () => {
      await append(entry('u', { messageId: '1' }), entry('u', { messageId: '2' }), entry('u', { messageId: '3' }))
      const [one, two] = (await store.history('u')).map(({ seq }) => seq) as [number, number]
      const part = async (entries: readonly number[]) => {
        await store.transaction(async (tx) => {
          await tx.link(['user:u', 'anonymous:a'], 'u')
          await tx.unmerge({ from: 'anon:a', into: 'u', keys: ['anonymous:a'], along: [], entries, apart: ['anonymous:a', 'user:u'] })
          await tx.append([otherEntry('u', { kind: 'tick', at: NOW })])
        })
      }
      await part([one, two])
      expect(messageIds(await store.history('anon:a'))).toEqual(['1', '2'])
      await store.transaction((tx) => tx.drop({ seqs: [one] }))
      expect(messageIds(await store.history('anon:a'))).toEqual(['2'])
      expect(messageIds(await store.history('u'))).toEqual(['3'])
      await store.transaction((tx) => tx.drop({ seqs: [two] }))
      expect(await store.history('anon:a')).toEqual([])
      expect([...(await store.profileIds())]).toEqual(['u'])
    })

    it('leave snapshots and cursors alone', async () => {
      const seqs = await append(entry('u1'))
      await store.transaction(async (tx) => {
        await tx.checkpoint([snapshot('u1', seqs[0] as number)])
        await tx.setCursor('sink:s', String(seqs[0]))
        await tx.drop({ seqs })
      })
      expect([...(await store.snapshots(['u1'])).keys()]).toEqual(['u1'])
      expect(await store.cursor('sink:s')).toBe(String(seqs[0]))
      expect([...(await store.profileIds())]).toEqual(['u1'])
    })
  })

  describe('events by name', () => {
    /** All of them, a page at a time. */
    async function walked(limit: number, upTo = EVER) {
      const pages: string[][] = []
      for (let place = BEGINNING; ; ) {
        const entries = await store.eventsByName(place, upTo, limit)
        const last = entries.at(-1)
        if (last === undefined) return pages
        expect(entries.length).toBeLessThanOrEqual(limit)
        pages.push(messageIds(entries) as string[])
        place = { profile: last.profile, seq: last.seq }
      }
    }

    it('come name by name, in the order they came in, those of nobody first', async () => {
      await append(
        entry('u2', { messageId: '2a' }),
        entry('u1', { messageId: '1a', timestamp: NOW + 9 }),
        otherEntry('u1', { kind: 'tick', at: NOW }),
        entry('u2', { messageId: '2b' }),
        entry('', { messageId: 'nobody' }),
        entry('u1', { messageId: '1b', timestamp: NOW }),
      )
      const all = ['nobody', '1a', '1b', '2a', '2b']
      for (const limit of [1, 2, 3, 4, 5, 100]) expect((await walked(limit)).flat()).toEqual(all)
      expect((await walked(2)).map(({ length }) => length)).toEqual([2, 2, 1])
      expect(await store.eventsByName(BEGINNING, EVER, 0)).toEqual([])
    })

    it('end at an entry when asked to', async () => {
      const seqs = await append(entry('u2', { messageId: '2a' }), entry('u1', { messageId: '1a' }), entry('u2', { messageId: '2b' }))
      expect(await walked(10, seqs[1])).toEqual([['1a', '2a']])
    })

    it('stand under the name they came under, whoever they count for by now', async () => {
      await append(entry('anon:a', { messageId: 'a' }), entry('u', { messageId: 'u' }))
      await store.transaction((tx) => tx.merge('anon:a', 'u', NOW))
      const entries = await store.eventsByName(BEGINNING, EVER, 10)
      expect(entries.map(({ profile }) => profile)).toEqual(['anon:a', 'u'])
    })

    it('have names of any text, and each is met once', async () => {
      const names = ['a', 'a\u0000b', 'A', 'ä', '😀', '\ud800', '%', 'a_b', "o'k"]
      await append(...names.map((name, index) => entry(name, { messageId: `m${index}`, userId: 'x' })))
      const met = await walked(2)
      expect(met.flat().toSorted()).toEqual(names.map((_, index) => `m${index}`))
    })
  })

  it('its size is that of what it holds', async () => {
    if (store.size === undefined) return
    const before = await store.size()
    expect(before.bytes).toBeGreaterThan(0)
    await append(...Array.from({ length: 500 }, () => entry('u1', { properties: { text: 'x'.repeat(1_000) } })))
    const { bytes, logBytes, freeBytes } = await store.size()
    expect(bytes).toBeGreaterThan(before.bytes + 100_000)
    if (logBytes !== undefined) expect(logBytes).toBeLessThanOrEqual(bytes)
    if (freeBytes !== undefined) expect(freeBytes).toBeLessThanOrEqual(bytes)
  })
}
