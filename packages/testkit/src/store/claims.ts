import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { event, NOW } from './samples.ts'

const DAY = 86_400_000

/** Which events are new. */
export function describeClaims(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('claims', () => {
    const claim = (events: ReturnType<typeof event>[], now = NOW) => store.transaction((tx) => tx.claim(events, now))

    it('knows an event by source and message id, within a call and across calls', async () => {
      const a = event({ messageId: 'a' })
      const elsewhere = event({ messageId: 'a', source: 'other' })
      expect(await claim([a, a, elsewhere, event({ messageId: 'b' })])).toEqual([true, false, true, true])
      expect(await claim([event({ messageId: 'c' }), a, elsewhere])).toEqual([true, false, false])
      expect(await claim([])).toEqual([])
    })

    it('remembers for at least seven days, however much comes in meanwhile', async () => {
      // The first and the last in key order, whichever way a store walks what it forgets.
      const old = [event({ messageId: 'a' }), event({ messageId: 'z' })]
      await claim(old)
      for (let hour = 1; hour < 168; hour += 1) await claim([event(), event()], NOW + hour * 3_600_000)
      for (let more = 0; more < 10; more += 1) await claim([event()], NOW + 7 * DAY)
      expect(await claim(old, NOW + 7 * DAY)).toEqual([false, false])
    })
  })
}
