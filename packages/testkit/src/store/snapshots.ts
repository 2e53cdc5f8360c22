import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { entry, NOW, otherEntry, snapshot } from './samples.ts'

/** Profiles as they stood. */
export function describeSnapshots(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('snapshots', () => {
    it('keeps the newest of each profile', async () => {
      await store.transaction((tx) => tx.checkpoint([snapshot('u1', 1), snapshot('u2', 2)]))
      const newer = snapshot('u1', 9, { definition: 'd2', profile: { traits: { plan: 'pro', list: [1, { a: null }] } } })
      await store.transaction((tx) => tx.checkpoint([newer]))
      const found = await store.snapshots(['u1', 'u2', 'u3'])
      expect([...found.keys()].sort()).toEqual(['u1', 'u2'])
      expect(found.get('u1')).toEqual(newer)
    })

    it('lists the wakes there are, and forgets those that are gone', async () => {
      await store.transaction((tx) => tx.checkpoint([snapshot('u1', 1, { nextWake: NOW + 2 }), snapshot('u2', 1, { nextWake: NOW + 1 }), snapshot('u3', 1)]))
      expect(new Set(await store.wakes())).toEqual(
        new Set([
          { profile: 'u2', at: NOW + 1 },
          { profile: 'u1', at: NOW + 2 },
        ]),
      )
      await store.transaction((tx) => tx.checkpoint([snapshot('u1', 2)]))
      expect(await store.wakes()).toEqual([{ profile: 'u2', at: NOW + 1 }])
    })

    it('lists profiles with entries, with a snapshot, or with both, once', async () => {
      await store.transaction(async (tx) => {
        await tx.append([entry('logged'), entry('logged'), entry('both'), entry('')])
        await tx.checkpoint([snapshot('both', 1), snapshot('kept', 1)])
      })
      expect([...(await store.profileIds())].sort()).toEqual(['both', 'kept', 'logged'])
    })

    it('keeps that of a merged profile until its heir is checkpointed past the merge, then removes it', async () => {
      const [before] = await store.transaction((tx) => tx.append([entry('into')]))
      await store.transaction((tx) => tx.checkpoint([snapshot('older', 1), snapshot('from', 1, { nextWake: NOW }), snapshot('into', 1)]))
      await store.transaction((tx) => tx.merge('older', 'from', NOW))
      const [merged] = await store.transaction(async (tx) => {
        await tx.merge('from', 'into', NOW)
        return tx.append([otherEntry('into', { kind: 'merge', from: 'from' })])
      })
      expect(await store.wakes()).toEqual([])
      // Taken before the merge and written after it.
      await store.transaction((tx) => tx.checkpoint([snapshot('into', before as number), snapshot('from', before as number)]))
      expect([...(await store.snapshots(['from', 'into'])).keys()]).toEqual(['from', 'into'])
      await store.transaction((tx) => tx.checkpoint([snapshot('into', merged as number)]))
      expect([...(await store.snapshots(['older', 'from', 'into'])).keys()]).toEqual(['into'])
      await store.transaction((tx) => tx.checkpoint([snapshot('from', before as number)]))
      expect([...(await store.snapshots(['from', 'into'])).keys()]).toEqual(['into'])
    })
  })
}
