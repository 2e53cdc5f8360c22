import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { messageIds } from './message-ids.ts'
import { entry, NOW, otherEntry } from './samples.ts'

/** What is logged, and cursors into it. */
export function describeLog(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('the log', () => {
    it('gives entries back as they were, oldest first, with their commit', async () => {
      const entries = [
        entry('u1', { properties: { text: 'ä 😀 \u0000 "x"', deep: [{ n: 1.5 }] } }),
        otherEntry('u2', { kind: 'tick', at: NOW + 5 }),
        otherEntry('u2', { kind: 'merge', from: 'u3' }),
      ]
      const first = await store.transaction((tx) => tx.append(entries))
      const second = await store.transaction((tx) => tx.append([entry('u1')]))
      expect(first).toHaveLength(3)
      expect([...first, ...second]).toEqual([...first, ...second].sort((a, b) => a - b))
      expect(new Set([...first, ...second]).size).toBe(4)
      const log = await store.log(0, 10)
      expect(log.slice(0, 3)).toEqual(entries.map((one, index) => ({ ...one, seq: first[index], commit: first[0] })))
      expect(log[3]?.commit).toBe(second[0])
      expect(await store.lastSeq()).toBe(second[0])
    })

    it('pages from a sequence number on', async () => {
      const seqs = await store.transaction((tx) => tx.append(Array.from({ length: 5 }, () => entry('u1'))))
      expect((await store.log(seqs[1] as number, 2)).map(({ seq }) => seq)).toEqual(seqs.slice(2, 4))
      expect(await store.log(seqs[4] as number, 2)).toEqual([])
      expect(await store.log(0, 0)).toEqual([])
    })

    it('never gives the number of an entry to another, also after a rollback', async () => {
      const [first] = await store.transaction((tx) => tx.append([entry('u1')]))
      const failed = store.transaction(async (tx) => {
        await tx.append([entry('u1')])
        throw new Error('no')
      })
      await expect(failed).rejects.toThrow('no')
      const [second] = await store.transaction((tx) => tx.append([entry('u1')]))
      expect(second).toBeGreaterThan(first as number)
      expect(await store.log(0, 10)).toHaveLength(2)
    })

    it('takes an empty append', async () => {
      expect(await store.transaction((tx) => tx.append([]))).toEqual([])
    })

    it('keeps cursors', async () => {
      await store.transaction((tx) => tx.setCursor('sink', '7'))
      await store.transaction((tx) => tx.setCursor('sink', '{"offset":8}'))
      expect(await store.cursor('sink')).toBe('{"offset":8}')
      expect(await store.cursor('other')).toBeUndefined()
    })
  })

  describe('history', () => {
    it('has the events of a profile alone, by time and then message id', async () => {
      await store.transaction((tx) =>
        tx.append([
          entry('u1', { messageId: 'c', timestamp: NOW + 2 }),
          entry('u1', { messageId: 'b', timestamp: NOW + 1 }),
          entry('u2', { messageId: 'x' }),
          otherEntry('u1', { kind: 'tick', at: NOW }),
          entry('u1', { messageId: 'a', timestamp: NOW + 1 }),
          entry('u1', { messageId: 'B', timestamp: NOW + 1 }),
        ]),
      )
      expect(messageIds(await store.history('u1'))).toEqual(['B', 'a', 'b', 'c'])
      expect(await store.history('nobody')).toEqual([])
    })

    it('ends at a sequence number when asked to', async () => {
      const seqs = await store.transaction((tx) =>
        tx.append([entry('u1', { messageId: 'a' }), entry('u1', { messageId: 'b' }), entry('u1', { messageId: 'c' })]),
      )
      expect(messageIds(await store.transaction((tx) => tx.history('u1', seqs[1])))).toEqual(['a', 'b'])
    })

    it('orders message ids as the engine does, by UTF-16 code unit', async () => {
      const ids = ['\uff5e', '\u{1f600}', 'z']
      await store.transaction((tx) => tx.append(ids.map((messageId) => entry('u1', { messageId }))))
      expect(messageIds(await store.history('u1'))).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)))
    })
  })
}
