import type { CanonicalEvent, Profile, Store, WaymarkConfig } from '@waymark/core'
import fc from 'fast-check'
import { configWith, HOUR, plan, recorder, toRecorder, type World } from './world.ts'

/** Users and visitors who come, stay away and turn out to be the same, in any order, and rules that all of it bears on. */

const { did, inactive, sequence } = plan.behaviour
const rules = [
  plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(2).across(2, 'sessions'), send: toRecorder('tip'), limit: { max: 1, per: '2d' } }),
  plan.rule('started', { when: sequence('signed_up', 'used').within('6h'), send: toRecorder('started') }),
  plan.rule('quiet', { when: did('used').atMost(1).within('12h'), send: toRecorder('quiet') }),
  plan.rule('come-back', { when: inactive('5h'), send: toRecorder('come back') }),
]

export function configOn(store: Store): WaymarkConfig {
  return configWith(store, [recorder()], { rules, governance: { frequencyCap: { max: 2, per: '1d' }, consent: { unset: { personalization: 'granted' } } } })
}

export interface Step {
  /** Hours that pass before it. */
  readonly wait: number
  /** Hours that it comes late. */
  readonly late: number
  readonly who: Pick<CanonicalEvent, 'userId' | 'anonymousId'>
  readonly event: string
  readonly feature: string
}

export const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.integer({ min: 0, max: 6 }),
  late: fc.constantFrom(0, 0, 0, 1, 4),
  who: fc.constantFrom<Step['who']>(
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

export async function take({ clock, does }: World, { wait, late, who, event, feature }: Step, more: Partial<CanonicalEvent> = {}): Promise<void> {
  await clock.moveTo(clock.now() + wait * HOUR)
  const { userId, ...rest } = who
  await does(userId ?? '', event, event === 'used' ? { feature } : {}, {
    ...rest,
    timestamp: clock.now() - late * HOUR,
    ...(userId === undefined ? { userId: undefined as never } : {}),
    ...more,
  })
  // A standing clock rings what a late event made due only when it is moved.
  await clock.moveTo(clock.now())
}

/** What a host that was closed has left of everybody. */
export async function profilesIn(store: Store): Promise<Record<string, Profile>> {
  await store.open()
  const snapshots = await store.snapshots(await store.profileIds())
  await store.close()
  return Object.fromEntries([...snapshots].map(([id, { profile }]) => [id, profile]))
}
