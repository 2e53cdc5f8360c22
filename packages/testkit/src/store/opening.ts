import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { entry, event, NOW, otherEntry, sent, snapshot } from './samples.ts'

/** Before and after, and twice. `makeStore` gives another, closed one. */
export function describeOpening(opened: () => Store, makeStore: () => Store | Promise<Store>, isKept: boolean): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('opening and closing', () => {
    it('can be opened twice and closed twice', async () => {
      await store.open()
      await store.transaction((tx) => tx.setCursor('c', '1'))
      await store.close()
      await store.close()
    })

    it.runIf(isKept)('keeps everything over close and open', async () => {
      await store.transaction(async (tx) => {
        await tx.claim([event({ messageId: 'a' })], NOW)
        await tx.append([entry('u1'), entry('anon:x'), otherEntry('u1', { kind: 'tick', at: NOW }), entry('u1')])
        await tx.link(['user:u1', 'anonymous:x'], 'u1')
        await tx.merge('anon:x', 'u1', NOW)
        await tx.record([{ at: NOW, outcome: 'merged', from: 'anon:x', into: 'u1', keys: ['anonymous:x'] }])
        await tx.decide([sent('k')])
        await tx.lease(['k'], NOW + 60, NOW)
        await tx.setCursor('c', '1')
        await tx.quarantine([{ source: 's', reason: 'r', version: 'v', raw: 1 }], NOW)
        await tx.deadLetter([{ at: NOW, stage: 'sink', plugin: 's', reason: 'r', attempts: 1, version: 'd', event: event() }])
        await tx.checkpoint([snapshot('u1', 1, { nextWake: NOW })])
      })
      const [, , tick, newest] = await store.log(0, 10)
      await store.transaction((tx) => tx.drop({ seqs: [tick?.seq ?? 0, newest?.seq ?? 0] }))
      const view = async () => [
        await store.log(0, 10),
        await store.lastSeq(),
        await store.cursor('c'),
        await store.profilesOf(['user:u1', 'anonymous:x']),
        await store.keysOf('u1'),
        await store.journal({}),
        await store.history('u1'),
        await store.eventsByName({ profile: '', seq: 0 }, 10, 10),
        await store.profileIds(),
        await store.snapshots(['u1']),
        await store.wakes(),
        await store.decisions({}),
        await store.quarantined({ limit: 10 }),
        await store.deadLetters({ limit: 10 }),
        await store.messages('u1'),
        await store.nextDue('in-app'),
      ]
      const before = await view()
      await store.close()
      await store.open()
      expect(await view()).toEqual(before)
      expect(await store.transaction((tx) => tx.claim([event({ messageId: 'a' })], NOW))).toEqual([false])
      const [next] = await store.transaction((tx) => tx.append([entry('u1')]))
      expect(next).toBeGreaterThan(newest?.seq as number)
    })

    it('says so when it is used before it is open or after it is closed', async () => {
      const closed = await makeStore()
      await expect(closed.lastSeq()).rejects.toMatchObject({ code: 'STORE_NOT_OPEN' })
      await expect(closed.transaction(async () => 1)).rejects.toMatchObject({ code: 'STORE_NOT_OPEN' })
      await store.close()
      await expect(store.lastSeq()).rejects.toMatchObject({ code: 'STORE_NOT_OPEN' })
    })

    it('lets what was asked for finish before it closes', async () => {
      const running = store.transaction(async (tx) => {
        await new Promise((resolve) => setImmediate(resolve))
        await tx.setCursor('c', '1')
        return 'done'
      })
      const closing = store.close()
      expect(await running).toBe('done')
      await closing
    })
  })
}
