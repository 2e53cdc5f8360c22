import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'

/** Before and after, and twice. `makeStore` gives another, closed one. */
export function describeOpening(opened: () => Store, makeStore: () => Store | Promise<Store>): void {
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
