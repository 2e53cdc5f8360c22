import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { NOW, sent, suppressed } from './samples.ts'

/** What was decided. */
export function describeLedger(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('the ledger', () => {
    it('keeps the first decision of a key, sent or suppressed', async () => {
      const first = suppressed('k')
      await store.transaction((tx) => tx.decide([first, suppressed('k', { guard: 'consent' })]))
      await store.transaction((tx) => tx.decide([sent('k'), sent('other')]))
      expect(await store.decisions({ rule: 'tip' })).toEqual([sent('other'), first])
      expect(await store.message('k')).toBeUndefined()
    })

    it('leaves the message of a known key as it is', async () => {
      await store.transaction((tx) => tx.decide([sent('k')]))
      await store.transaction((tx) => tx.settle('k', { state: 'sent', at: NOW + 1 }))
      await store.transaction((tx) => tx.decide([sent('k', { at: NOW + 9 })]))
      expect(await store.message('k')).toMatchObject({ state: 'sent', sentAt: NOW + 1, decidedAt: NOW })
    })

    it('filters by profile, rule and time, newest first', async () => {
      await store.transaction((tx) =>
        tx.decide([
          sent('1', { at: NOW + 1 }),
          sent('2', { at: NOW + 2, rule: 'other' }),
          suppressed('3', { at: NOW + 3, profile: 'u2' }),
          sent('4', { at: NOW + 4 }),
          sent('5', { at: NOW + 4 }),
        ]),
      )
      const keys = async (filter: Parameters<Store['decisions']>[0]) => (await store.decisions(filter)).map(({ key }) => key)
      expect(await keys({})).toEqual(['5', '4', '3', '2', '1'])
      expect(await keys({ profile: 'u1' })).toEqual(['5', '4', '2', '1'])
      expect(await keys({ rule: 'tip' })).toEqual(['5', '4', '3', '1'])
      expect(await keys({ until: NOW + 2 })).toEqual(['2', '1'])
      expect(await keys({ profile: 'u1', rule: 'tip', until: NOW + 3 })).toEqual(['1'])
      expect(await keys({ limit: 2 })).toEqual(['5', '4'])
    })

    it('gives a thousand when not told how many', async () => {
      await store.transaction((tx) => tx.decide(Array.from({ length: 1_001 }, (_, index) => suppressed(`k${index}`, { at: NOW + index }))))
      expect(await store.decisions({})).toHaveLength(1_000)
      expect(await store.decisions({ limit: 2_000 })).toHaveLength(1_001)
    })
  })
}
