import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { NOW, sent } from './samples.ts'

const MINUTE = 60_000

/** Messages of which it is not known whether they arrived. */
export function describeUnclear(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  const decide = (...keys: string[]) => store.transaction((tx) => tx.decide(keys.map((key) => sent(key))))
  const lease = (key: string, now: number) => store.transaction((tx) => tx.lease([key], now + MINUTE, now))

  describe('a message that may have arrived', () => {
    it('is so from its lease on, until an attempt is accounted for', async () => {
      await decide('k')
      expect(await store.message('k')).not.toHaveProperty('unclearSince')
      await lease('k', NOW)
      expect(await store.message('k')).toMatchObject({ unclearSince: NOW })
      await store.transaction((tx) => tx.settle('k', { state: 'queued', at: NOW + 1, reason: 'busy' }))
      expect(await store.message('k')).not.toHaveProperty('unclearSince')
    })

    it('stays so since the first such attempt, whatever becomes of later ones', async () => {
      await decide('k')
      await lease('k', NOW)
      await lease('k', NOW + MINUTE)
      expect(await store.message('k')).toMatchObject({ unclearSince: NOW, attempts: 2 })
      await store.transaction((tx) => tx.settle('k', { state: 'queued', at: NOW + 1, unclearSince: NOW }))
      expect((await store.transaction((tx) => tx.due('in-app', NOW + 1, 1)))[0]).toMatchObject({ unclearSince: NOW })
      await store.transaction((tx) => tx.settle('k', { state: 'unknown', at: NOW + 2, unclearSince: NOW }))
      expect(await store.message('k')).toMatchObject({ state: 'unknown', unclearSince: NOW })
      await store.transaction((tx) => tx.settle('k', { state: 'sent', at: NOW + 3 }))
      expect(await store.message('k')).not.toHaveProperty('unclearSince')
    })

    it('knows the event that brought its decision about, if one did', async () => {
      await store.transaction((tx) => tx.decide([sent('caused', { cause: 'm\u0000 1' }), sent('timed')]))
      expect(await store.message('caused')).toMatchObject({ cause: 'm\u0000 1' })
      expect(await store.message('timed')).not.toHaveProperty('cause')
      expect((await store.decisions({})).map(({ cause }) => cause)).toEqual([undefined, 'm\u0000 1'])
    })
  })

  it('counts what is queued on a channel', async () => {
    await decide('a', 'b', 'c')
    await store.transaction((tx) => tx.settle('a', { state: 'sent', at: NOW }))
    expect([await store.backlog('in-app'), await store.backlog('email')]).toEqual([2, 0])
  })
}
