import { definePlan, defineWaymark, type Plugin, type WaymarkConfig } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import type { SimulationOptions } from '@waymark/testkit/simulation'
import { z } from 'zod'

/** A product with everything that has a time: windows, deadlines, inactivity, sequences, caps, limits, quiet hours, and two channels and sinks under three purposes. */
const plan = definePlan({
  events: { signed_up: z.object({}), used: z.object({ feature: z.string(), seats: z.number().default(1) }), paid: z.object({ amount: z.number() }) },
  traits: z.object({ plan: z.string().optional() }),
})
const { did, inactive, sequence, otherwise, inSegment } = plan.behaviour

const to = (channel: string, title: string) => ({ channel, kind: 'note', content: { title } })

const value = plan.segments('value', { payer: did('paid').sum('amount').atLeast(10), free: otherwise })
const segments = [
  plan.segments('engagement', {
    engaged: did('used').distinct('feature').atLeast(3).within('48h').of('signed_up'),
    regular: did('used').atLeast(4).within('24h'),
    'at-risk': otherwise,
  }),
  value,
]

const rules = [
  plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(2), send: to('inbox', 'Go on with A') }),
  plan.rule('started', { when: sequence('signed_up', 'used').within('6h'), send: to('push', 'You have started'), priority: 1 }),
  plan.rule('come-back', { when: inactive('20h'), send: to('mail', 'Come back'), limit: { max: 2, per: '3d' } }),
  plan.rule('quiet', { when: did('used').atMost(1).within('8h'), send: to('push', 'All quiet') }),
  plan.rule('thanks', { when: inSegment(value, 'payer'), send: to('mail', 'Thank you') }),
]

/** What a later version brings: a rule that is true of many already, and one that has come to ask for less. */
const laterRules = [
  ...rules.map((rule) => (rule.id === 'tip' ? plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(1), send: rule.send }) : rule)),
  plan.rule('news', { when: did('used').atLeast(1), send: to('inbox', 'There is something new') }),
]

const plugins: readonly Plugin[] = [
  { name: 'inbox', purpose: 'essential', channel: { name: 'inbox', reach: 'inside', dedup: { windowMs: Number.POSITIVE_INFINITY }, send } },
  { name: 'push', purpose: 'personalization', channel: { name: 'push', reach: 'outside', send } },
  { name: 'mail', purpose: 'marketing', channel: { name: 'mail', reach: 'outside', dedup: { windowMs: 86_400_000 }, send } },
  { name: 'warehouse', purpose: 'analytics', sink: { deliver } },
  { name: 'ads', purpose: 'marketing', sink: { maxBatch: 5, deliver } },
]

/** What is read over a day or less, but for the first of everything: of most events of before nobody will read. */
const brief = [
  plan.segments('rhythm', { regular: did('used').atLeast(4).within('12h'), rare: otherwise }),
  plan.segments('payers', { payer: did('paid').atLeast(1), free: otherwise }),
]
const briefRules = [
  plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(2), send: to('inbox', 'Go on with A') }),
  plan.rule('come-back', { when: inactive('20h'), send: to('mail', 'Come back'), limit: { max: 2, per: '3d' } }),
  plan.rule('quiet', { when: did('used').atMost(1).within('8h'), send: to('push', 'All quiet') }),
]

/** Never called: every plugin's way out is replaced by the world's. */
async function send(): Promise<never> {
  throw new Error('a simulation reaches nobody')
}
async function deliver(): Promise<never> {
  throw new Error('a simulation reaches nobody')
}

function configOf(deploy: number): WaymarkConfig {
  return defineWaymark({
    plan,
    segments,
    rules: deploy < 2 ? rules : laterRules,
    plugins,
    store: sqlite(':memory:'),
    // What a process that is down for hours leaves undone is much to this host, and old.
    timers: { drainPerSecond: 1, staleAfter: '5h' },
    governance: {
      frequencyCap: { max: 3, per: '1d' },
      quietHours: { from: '21:00', to: '08:00', timezone: 'Europe/Oslo' },
      consent: { unset: { personalization: 'granted', marketing: 'granted' } },
    },
  })
}

export const product: Omit<SimulationOptions, 'seed'> = {
  config: configOf,
  store: () => sqlite(':memory:'),
  examples: {
    used: ['A', 'A', 'B', 'C', 'D'].map((feature) => ({ feature })),
    paid: [{ amount: 4 }, { amount: 9.5 }],
  },
  traits: [{ plan: 'free' }, { plan: 'pro' }],
}

/** The same product for a team that asks for little, and keeps no more of the log than that takes. */
export const forgetful: Omit<SimulationOptions, 'seed'> = {
  ...product,
  config: (deploy) => ({ ...configOf(deploy), segments: brief, rules: briefRules, sessions: { gap: '10h' }, retention: { log: { age: '12h' } } }),
}
