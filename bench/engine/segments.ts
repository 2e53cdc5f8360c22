import { type CanonicalEvent, createEngine, definePlan, type Engine, type Expression, type Profile, type Segment } from '@waymark/core'
import { z } from 'zod'
import { compared, type Measurement, perSecond } from '../measure.ts'
import { canonical, dice } from '../workload.ts'

const name = 'engine.segments_1000_vs_20'
const KINDS = 50
const USERS = 40
const EVENTS = 50_000

const plan = definePlan({
  events: Object.fromEntries(Array.from({ length: KINDS }, (_, kind) => [`kind-${kind}`, z.object({ label: z.string(), amount: z.number() })])),
  traits: z.object({}),
})

/**
 * One engine has 1,000 segments, 20 for each of 50 kinds of events. Beside it 50 engines have 20 each, and an event goes only to
 * the one whose segments listen to it: so the same conditions see the same events, and what differs is the 980 others.
 */
export const segments: Measurement = {
  rows: [
    {
      name,
      compares: 'events already parsed, 1,000 segments of which 20 listen to each event / just the 20 that listen to it',
      target: { atLeast: 0.8 },
    },
  ],
  async run() {
    const random = dice(13)
    const kinds = Array.from({ length: KINDS }, (_, kind) => listeners(`kind-${kind}`))
    const events = Array.from({ length: EVENTS }, (_, index) => {
      const kind = random(KINDS)
      const properties = { label: 'ABCDEF'[random(6)] as string, amount: random(100) }
      return { kind, event: canonical(`kind-${kind}`, `bench-${index}`, `user-${random(USERS)}`, Date.UTC(2026, 0, 1) + index * 1_000, properties) }
    })
    const all = engineOf(kinds.flat())
    const each = kinds.map(engineOf)
    const speed = await perSecond(5, EVENTS, {
      thousand() {
        const profiles = new Map<string, Profile>()
        for (const { event } of events) take(all, profiles, event)
      },
      twenty() {
        const profiles = kinds.map(() => new Map<string, Profile>())
        for (const { kind, event } of events) take(each[kind] as Engine, profiles[kind] as Map<string, Profile>, event)
      },
    })
    return [compared(name, speed['thousand'] as number, speed['twenty'] as number)]
  },
}

function take(engine: Engine, profiles: Map<string, Profile>, event: CanonicalEvent): void {
  const id = event.userId as string
  profiles.set(id, engine.step(profiles.get(id), id, { kind: 'event', event }, event.timestamp).profile)
}

function engineOf(list: readonly Segment[]): Engine {
  return createEngine({ segments: list, rules: [], governance: {}, channels: {} })
}

/** Twenty segments that listen to one kind of event: five sorts of condition at four thresholds each. */
function listeners(kind: string): readonly Segment[] {
  const { did, otherwise } = plan.behaviour
  return [1, 2, 3, 4].flatMap((step) => {
    const conditions: Readonly<Record<string, Expression>> = {
      often: did(kind).atLeast(step * 5),
      lately: did(kind).atLeast(step).within('12h'),
      widely: did(kind)
        .distinct('label')
        .atLeast(step + 1)
        .within('2d'),
      much: did(kind)
        .sum('amount')
        .atLeast(step * 100)
        .within('1d'),
      labelled: did(kind, { label: 'ABCD'[step - 1] as string })
        .atLeast(2)
        .within('3d'),
    }
    return Object.entries(conditions).map(([what, condition]) => plan.segments(`${kind}-${what}-${step}`, { yes: condition, no: otherwise }))
  })
}
