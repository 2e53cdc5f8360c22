import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { messageIds } from './message-ids.ts'
import { entry, event, NOW, sent, snapshot } from './samples.ts'

/** All of a transaction or nothing of it, one at a time. */
export function describeTransactions(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('transactions', () => {
    it('gives back what the work returned', async () => {
      expect(await store.transaction(async () => 42)).toBe(42)
    })

    it('rejects with the very error the work threw and leaves nothing behind', async () => {
      const error = new Error('changed my mind')
      const attempt = store.transaction(async (tx) => {
        await tx.claim([event({ messageId: 'once' })], NOW)
        await tx.append([entry('u1')])
        await tx.link(['user:u1', 'anonymous:a1'], 'u1')
        await tx.merge('anon:a1', 'u1', NOW)
        await tx.decide([sent('k1')])
        await tx.quarantine([{ source: 's', reason: 'r', version: '', raw: {} }], NOW)
        await tx.deadLetter([{ at: NOW, stage: 'sink', plugin: 's', reason: 'r', attempts: 1, version: '', event: event() }])
        await tx.setCursor('c', '1')
        await tx.checkpoint([snapshot('u1', 1, { nextWake: NOW })])
        throw error
      })
      await expect(attempt).rejects.toBe(error)
      expect(await store.lastSeq()).toBe(0)
      expect(await store.log(0, 10)).toEqual([])
      expect((await store.profilesOf(['user:u1', 'anonymous:a1'])).size).toBe(0)
      expect(await store.decisions({})).toEqual([])
      expect(await store.messages('u1')).toEqual([])
      expect(await store.quarantined({ limit: 10 })).toEqual([])
      expect(await store.deadLetters({ limit: 10 })).toEqual([])
      expect(await store.cursor('c')).toBeUndefined()
      expect(await store.profileIds()).toEqual([])
      expect(await store.wakes()).toEqual([])
      expect(await store.transaction((tx) => tx.claim([event({ messageId: 'once' })], NOW))).toEqual([true])
    })

    it('runs a hundred concurrent ones one at a time, in order, whatever becomes of each', async () => {
      let inside = 0
      const order: number[] = []
      const all = Array.from({ length: 100 }, (_, index) =>
        store.transaction(async (tx) => {
          inside += 1
          expect(inside).toBe(1)
          const known = (await tx.profilesOf(['user:counter'])).get('user:counter') ?? '0'
          await new Promise((resolve) => setImmediate(resolve))
          await tx.link(['user:counter'], String(Number(known) + 1))
          order.push(index)
          inside -= 1
          if (index % 10 === 9) throw new Error('every tenth')
        }),
      )
      const results = await Promise.allSettled(all)
      expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10)
      expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index))
      expect(await store.profilesOf(['user:counter'])).toEqual(new Map([['user:counter', '90']]))
    })

    it('shows reads inside what it wrote, and reads outside only what is committed', async () => {
      await store.transaction((tx) => tx.append([entry('u1', { messageId: 'first' })]))
      const written = signal()
      const looked = signal()
      const running = store.transaction(async (tx) => {
        await tx.append([entry('u1', { messageId: 'second', timestamp: NOW + 1 })])
        await tx.link(['user:u1'], 'u1')
        await tx.checkpoint([snapshot('u1', 2)])
        await tx.decide([sent('k1')])
        expect(messageIds(await tx.history('u1'))).toEqual(['first', 'second'])
        expect((await tx.profilesOf(['user:u1'])).get('user:u1')).toBe('u1')
        expect((await tx.snapshots(['u1'])).get('u1')?.seq).toBe(2)
        expect(await tx.due('in-app', NOW, 10)).toHaveLength(1)
        written.fire()
        await looked.fired
        throw new Error('never mind')
      })
      await written.fired
      const outside = Promise.all([store.history('u1'), store.profilesOf(['user:u1']), store.snapshots(['u1']), store.message('k1'), store.lastSeq()])
      looked.fire()
      await expect(running).rejects.toThrow('never mind')
      const [history, owners, snapshots, message] = await outside
      expect(messageIds(history)).toEqual(['first'])
      expect([owners.size, snapshots.size, message]).toEqual([0, 0, undefined])
    })

    it('takes no more once it is over, and disturbs no other by it', async () => {
      const kept = await store.transaction(async (tx) => tx)
      await expect(kept.setCursor('late', '1')).rejects.toMatchObject({ code: 'STORE_TRANSACTION_OVER' })
      expect(await store.cursor('late')).toBeUndefined()
    })

    it('commits nothing when a write failed in it, even if the work goes on', async () => {
      const circular: Record<string, unknown> = {}
      circular['self'] = circular
      const attempt = store.transaction(async (tx) => {
        await tx.append([entry('u1')])
        await tx.append([entry('u1', { properties: circular as never })]).catch(() => {})
      })
      await expect(attempt).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
      expect(await store.log(0, 10)).toEqual([])
    })
  })
}

function signal(): { fire: () => void; fired: Promise<void> } {
  let fire = (): void => {}
  const fired = new Promise<void>((resolve) => {
    fire = resolve
  })
  return { fire, fired }
}
