import type { CanonicalEvent, Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { event, NOW } from './samples.ts'

/** Events that were not accepted. */
export function describeQuarantine(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('the quarantine', () => {
    const misfit = (messageId: string, source = 'web') => ({ source, reason: 'does not fit', version: 'p1', event: event({ messageId, source }) })
    const put = (...items: Parameters<Parameters<Parameters<Store['transaction']>[0]>[0]['quarantine']>[0]) =>
      store.transaction((tx) => tx.quarantine(items, NOW))
    const all = () => store.quarantined({ limit: 100 })

    it('tells what could be read from what could not, newest first, with totals', async () => {
      const items = [misfit('a'), { source: 'web', reason: 'broken', version: 'p1', raw: '{"broken' }, misfit('b', 'app')]
      await put(...items, { source: 'app', reason: 'nothing', version: 'p1', raw: undefined })
      const found = await all()
      expect(found.slice(1)).toEqual(items.map((item, index) => ({ ...item, at: NOW, id: found[3 - index]?.id })).toReversed())
      expect(found[0]).toMatchObject({ reason: 'nothing', raw: null })
      expect(await store.quarantined({ limit: 9, source: 'app', before: found[0]?.id as number })).toEqual([found[1]])
      expect(await store.quarantined({ limit: 9, ids: [found[3]?.id as number] })).toEqual([found[3]])
      expect(await store.quarantineTotals()).toEqual([
        { source: 'app', count: 2, readable: 1 },
        { source: 'web', count: 2, readable: 1 },
      ])
    })

    it('keeps what still does not fit with the new reason and version, and lets go of what does', async () => {
      await put(misfit('a'), misfit('b'), misfit('c', 'app'))
      const [c, b, a] = (await all()).map(({ id }) => id) as [number, number, number]
      await store.transaction(async (tx) => {
        await tx.requarantine([
          { id: b, reason: 'still not', version: 'p2' },
          { id: 999, reason: 'gone', version: 'p2' },
        ])
        expect(await tx.removeQuarantined({ ids: [a, 999] })).toBe(1)
      })
      expect(await all()).toMatchObject([
        { id: c, version: 'p1' },
        { id: b, reason: 'still not', version: 'p2', event: { messageId: 'b' } },
      ])
      expect(await store.transaction((tx) => tx.removeQuarantined({ source: 'app' }))).toBe(1)
      expect(await store.transaction((tx) => tx.removeQuarantined({}))).toBe(1)
      expect(await store.quarantineTotals()).toEqual([])
    })

    it('ends with its time, and the oldest of too many', async () => {
      await put(misfit('a'), misfit('b'))
      await store.transaction((tx) => tx.quarantine([misfit('c')], NOW + 1))
      expect(await store.transaction((tx) => tx.expire('quarantine', { before: NOW, most: 2, limit: 9 }))).toBe(1)
      expect(await store.transaction((tx) => tx.expire('quarantine', { before: NOW + 1, most: 2, limit: 9 }))).toBe(1)
      expect((await all()).map((item) => 'event' in item && (item.event as CanonicalEvent).messageId)).toEqual(['c'])
    })
  })
}
