import { type CanonicalEvent, createEngine, definePlan, type Engine, type WaymarkConfig } from '@waymark/core'
import { z } from 'zod'

/** The events and the twenty mixed conditions that the engine and the host are measured with. */

const plan = definePlan({
  events: {
    signed_up: z.object({ plan: z.enum(['free', 'pro']) }),
    feature_used: z.object({ feature: z.string(), advanced: z.boolean().optional(), seconds: z.number() }),
    onboarding_step_completed: z.object({ step: z.string() }),
    invited: z.object({ role: z.string() }),
  },
  traits: z.object({ plan: z.string().optional() }),
})
const { did, inactive, sequence, trait, otherwise } = plan.behaviour

const segments = [
  plan.segments('engagement', { engaged: did('feature_used').distinct('feature').atLeast(3).within('48h').of('signed_up'), 'at-risk': otherwise }),
  plan.segments('explorer', {
    power: did('feature_used', { advanced: true }).atLeast(1).within('7d').of('signed_up'),
    curious: sequence('signed_up', 'onboarding_step_completed').within('7d'),
  }),
  plan.segments('depth', { deep: did('feature_used').sum('seconds').atLeast(5_000).within('7d'), shallow: did('feature_used').atLeast(3).within('7d') }),
  plan.segments('paying', { pro: trait('plan').is('pro'), free: otherwise }),
  plan.segments('team', { inviter: did('invited').atLeast(2).within('14d'), owner: did('invited', { role: 'owner' }).atLeast(1), alone: otherwise }),
  plan.segments('rhythm', { daily: did('feature_used').atLeast(5).across(3, 'days').within('7d'), gone: inactive('7d') }),
  plan.segments('path', { finished: sequence('signed_up', 'onboarding_step_completed', 'feature_used'), stalled: did('onboarding_step_completed').never() }),
]
const message = { channel: 'in-app', kind: 'modal', content: { title: 'Go on', body: 'There is more.' } }
const rules = [
  plan.rule('tip-a', { when: did('feature_used', { feature: 'A' }).atLeast(5).across(2, 'sessions'), send: message }),
  plan.rule('tip-b', { when: did('feature_used', { feature: 'B' }).atLeast(5).within('3d'), send: message }),
  plan.rule('come-back', { when: inactive('24h'), send: message, limit: { max: 1, per: '7d' } }),
  plan.rule('invite', { when: did('feature_used').atLeast(10).and(did('invited').never()), send: message }),
  plan.rule('wide', { when: did('feature_used').distinct('feature').atLeast(4).within('2d'), send: message }),
]

export const definition: Pick<WaymarkConfig, 'plan' | 'segments' | 'rules' | 'governance'> = {
  plan,
  segments,
  rules,
  governance: { frequencyCap: { max: 3, per: '1d' }, consent: { unset: { personalization: 'granted' } } },
}

const NAMES = ['feature_used', 'feature_used', 'feature_used', 'onboarding_step_completed', 'invited', 'signed_up'] as const

/** A live engine over the twenty conditions, as the host would make it. */
export function liveEngine(): Engine {
  const { segments = [], rules: messages = [], governance = {} } = definition
  return createEngine({ segments, rules: messages, governance, channels: { 'in-app': { purpose: 'personalization', reach: 'inside' } } })
}

/** A whole number from 0 to less than `below`, the same ones in every run. */
export type Dice = (below: number) => number

export function dice(seed: number): Dice {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}

/** `count` events of `users` users, one a second, about 280 bytes each: the wire form of the canonical event, one a line. */
export function events(count: number, users: number): readonly string[] {
  const random = dice(7)
  const start = Date.UTC(2026, 0, 1)
  return Array.from({ length: count }, (_, index) => line(random, index, `user-${random(users)}`, start + index * 1_000))
}

/** One event of the workload, as it comes over the wire. */
export function line(random: Dice, index: number, userId: string, timestamp: number): string {
  const event = NAMES[random(NAMES.length)] as (typeof NAMES)[number]
  const properties =
    event === 'feature_used'
      ? { feature: 'ABCDEF'[random(6)], seconds: random(300), ...(random(10) === 0 ? { advanced: true } : {}) }
      : event === 'signed_up'
        ? { plan: 'free' }
        : event === 'invited'
          ? { role: 'member' }
          : { step: `step-${random(4)}` }
  return JSON.stringify(canonical(event, `bench-${index}`, userId, timestamp, properties))
}

export function canonical(event: string, messageId: string, userId: string, timestamp: number, properties: CanonicalEvent['properties']): CanonicalEvent {
  return {
    type: 'track',
    event,
    messageId,
    userId,
    timestamp,
    receivedAt: timestamp,
    properties,
    traits: {},
    context: { library: { name: 'bench', version: '1' } },
    integrations: {},
    source: 'bench',
  }
}
