import type { CanonicalEvent, Plugin, Store } from '@waymark/core'
import { virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { expect, it } from 'vitest'
import { configWith, HOUR, plan, recorder, START, toRecorder, world } from './world.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

it('a sink goes on where it was when something fell due as the host started', async () => {
  const store = sqlite(':memory:')
  const kept: Store = {
    ...store,
    close: async () => {},
    // Slow, as one at the other end of a line is.
    async cursor(name) {
      for (let turns = 0; turns < 5; turns += 1) await turn()
      return store.cursor(name)
    },
  }
  const got: string[] = []
  const sink: Plugin = {
    name: 'copy',
    purpose: 'essential',
    sink: {
      async deliver(events: readonly CanonicalEvent[]) {
        got.push(...events.map(({ messageId }) => messageId))
        return events.map(() => ({ status: 'delivered' }))
      },
    },
  }
  const rules = [plan.rule('come-back', { when: plan.behaviour.inactive('24h'), send: toRecorder('Come back') })]
  const clock = virtualClock(START)
  const first = await world({ config: configWith(kept, [sink, recorder()], { rules }), clock })
  await first.does('u', 'used', { feature: 'A' }, { messageId: 'once' })
  await first.host.close()
  clock.jumpTo(START + 30 * HOUR)
  const second = await world({ config: configWith(kept, [sink, recorder()], { rules }), clock })
  await second.host.settled()
  expect(got).toEqual(['once'])
})
