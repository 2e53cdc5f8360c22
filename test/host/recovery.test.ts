import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CanonicalEvent, Profile } from '@waymark/core'
import { virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { configWith, HOUR, plan, recorder, START, toRecorder, type World, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-recovery-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { did, inactive, sequence } = plan.behaviour
const rules = [
  plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(2).across(2, 'sessions'), send: toRecorder('tip'), limit: { max: 1, per: '2d' } }),
  plan.rule('started', { when: sequence('signed_up', 'used').within('6h'), send: toRecorder('started') }),
  plan.rule('quiet', { when: did('used').atMost(1).within('12h'), send: toRecorder('quiet') }),
  plan.rule('come-back', { when: inactive('5h'), send: toRecorder('come back') }),
]
const configOn = (file: string) =>
  configWith(sqlite(file), [recorder()], { rules, governance: { frequencyCap: { max: 2, per: '1d' }, consent: { unset: { personalization: 'granted' } } } })

const step = fc.record({
  /** Hours that pass before it. */
  wait: fc.integer({ min: 0, max: 6 }),
  /** Hours that it comes late. */
  late: fc.constantFrom(0, 0, 0, 1, 4),
  who: fc.constantFrom<Pick<CanonicalEvent, 'userId' | 'anonymousId'>>(
    { userId: 'u' },
    { userId: 'v' },
    { anonymousId: 'a' },
    { userId: 'u', anonymousId: 'a' },
    { userId: 'v', anonymousId: 'b' },
    { anonymousId: 'b' },
  ),
  event: fc.constantFrom('signed_up', 'used', 'used', 'used'),
  feature: fc.constantFrom('A', 'B', 'C'),
})

async function profilesOf(file: string): Promise<Record<string, Profile>> {
  const store = sqlite(file)
  await store.open()
  const snapshots = await store.snapshots(await store.profileIds())
  await store.close()
  return Object.fromEntries([...snapshots].map(([id, { profile }]) => [id, profile]))
}

it('from the log alone gives the profiles and the ledger that the running host has', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat({ max: 24 }), async (steps, checkpointAfter) => {
      run += 1
      const file = join(folder, `live-${run}.db`)
      const copy = join(folder, `copy-${run}.db`)
      const clock = virtualClock(START)
      let live: World = await world({ config: configOn(file), clock })
      for (const [index, { wait, late, who, event, feature }] of steps.entries()) {
        await clock.moveTo(clock.now() + wait * HOUR)
        const { userId, ...rest } = who
        await live.does(userId ?? '', event, event === 'used' ? { feature } : {}, {
          ...rest,
          timestamp: clock.now() - late * HOUR,
          ...(userId === undefined ? { userId: undefined as never } : {}),
        })
        // A standing clock rings what a late event made due only when it is moved.
        await clock.moveTo(clock.now())
        if (index === checkpointAfter) {
          await live.host.close()
          live = await world({ config: configOn(file), clock })
        }
      }
      // What a crash would leave: the files as they are, with no checkpoint written.
      for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix)
      const ledger = await live.host.config.store.decisions({})
      await live.host.close()

      const recovered = await world({ config: configOn(copy), clock })
      expect(await recovered.host.config.store.decisions({})).toEqual(ledger)
      await recovered.host.close()
      expect(await profilesOf(copy)).toEqual(await profilesOf(file))
    }),
    { numRuns: 150 },
  )
}, 120_000)
