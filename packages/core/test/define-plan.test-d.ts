import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Condition } from '../src/behaviour/ast.ts'
import { definePlan } from '../src/plan/define-plan.ts'
import type { Plan } from '../src/plan/plan.ts'
import type { Rule } from '../src/rule.ts'
import type { Segment } from '../src/segment.ts'

const plan = definePlan({
  events: {
    signed_up: z.object({ plan: z.enum(['free', 'pro']) }),
    feature_used: z.object({ feature: z.string(), advanced: z.boolean().default(false) }),
    onboarding_step_completed: v.object({ step: v.string(), index: v.optional(v.number()) }),
    onboarding_skipped: type({ screen: 'string' }),
    purchased: type({ amount: 'number', currency: "'EUR' | 'USD'", tags: 'string[]' }),
    trial_started: z.object({ ends: z.coerce.date() }),
    opened: z.looseObject({ from: z.string() }),
    shared: z.union([z.object({ to: z.string() }), z.object({ link: z.url() })]),
    pinged: z.object({}),
  },
  traits: z.object({
    email: z.email().optional(),
    plan: z.enum(['free', 'pro']).optional(),
    seats: z.number().optional(),
    teams: z.array(z.string()).optional(),
  }),
})
const { did, inactive, sequence, trait, inSegment, and, or, not, otherwise } = plan.behaviour
const send = { channel: 'in-app', kind: 'modal', content: { title: 'Hi' } }

const engagement = plan.segments('engagement', {
  engaged: did('feature_used').distinct('feature').atLeast(3).within('48h').of('signed_up'),
  'at-risk': otherwise,
})

const other = definePlan({ events: { song_played: z.object({ title: z.string() }) }, traits: z.object({}) })
const listeners = other.segments('listeners', { heavy: other.behaviour.did('song_played').atLeast(9) })

describe('what compiles', () => {
  it('the conditions of the design', () => {
    const explorer = plan.segments('explorer', {
      'power-user': did('feature_used', { advanced: true }).atLeast(1).within('7d').of('signed_up'),
      'new-explorer': sequence('signed_up', 'onboarding_step_completed').within('7d').and(did('feature_used').never()),
    })
    const tip = plan.rule('advanced-tip', {
      when: did('feature_used', { feature: 'A' }).atLeast(5).across(2, 'sessions'),
      send,
      limit: { max: 1, per: '7d' },
    })
    plan.rule('core-benefits', { when: did('onboarding_skipped').atLeast(1), send })
    plan.rule('come-back', { when: inactive('24h'), send, priority: 2 })
    expectTypeOf(plan).toExtend<Plan>()
    expectTypeOf(explorer).toExtend<Segment>()
    expectTypeOf(explorer.members[0]!.name).toEqualTypeOf<'power-user' | 'new-explorer'>()
    expectTypeOf(tip).toEqualTypeOf<Rule>()
    expectTypeOf(inactive('24h').condition).toEqualTypeOf<Condition>()
  })

  it('tests typed by what the schema yields, whichever library it comes from', () => {
    did('signed_up', { plan: 'free' })
    did('signed_up', { plan: { in: ['free', 'pro'] } })
    did('feature_used', { feature: { contains: 'report' }, advanced: { exists: true } })
    did('onboarding_step_completed', { index: { gte: 1, lt: 3 } })
    did('onboarding_skipped', { screen: { ne: 'welcome' } })
    did('purchased', { currency: 'EUR', amount: { gt: 9.5 }, tags: { contains: 'gift' } })
      .sum('amount')
      .atLeast(100)
      .within('30d')
    did('trial_started', { ends: { lt: '2027-01-01T00:00:00.000Z' } }).atLeast(1)
    did('trial_started', { ends: { gte: new Date(0) } }).atLeast(1)
    did('opened', { from: 'mail', campaign: 'spring' })
    did('shared', { to: 'a@b.c' })
    did('shared', { link: { exists: true } })
      .distinct('link')
      .atMost(2)
    did('pinged').atMost(3).within('1h').of('signed_up', { plan: 'pro' })
  })

  it('events that every plan knows', () => {
    did('waymark_message_dismissed', { rule: 'advanced-tip' }).atLeast(2)
    did('Application Opened', { from_background: true })
  })

  it('sequences of events with tests, traits, segments, and any combination', () => {
    const steps = sequence('signed_up', did('feature_used', { feature: 'A' }), 'purchased').within('2w')
    const paying = trait('plan').is('pro').and(trait('seats').atLeast(5), trait('teams').contains('design'))
    const grown = or(paying, and(steps, not(trait('email').exists())))
    grown.or(inSegment(engagement, 'at-risk').for('3d'), inSegment(engagement, 'engaged'))
    inSegment({ id: 'from-a-file', members: [] }, 'whoever')
  })
})

describe('what does not compile', () => {
  it('a misspelt event', () => {
    // @ts-expect-error signd_up
    did('signd_up')
    // @ts-expect-error in a sequence
    sequence('signed_up', 'feature_usd')
    // @ts-expect-error as an anchor
    did('pinged').atLeast(1).within('7d').of('signd_up')
  })

  it('a misspelt property', () => {
    // @ts-expect-error zod
    did('feature_used', { featur: 'A' })
    // @ts-expect-error valibot
    did('onboarding_step_completed', { stp: 'a' })
    // @ts-expect-error arktype
    did('onboarding_skipped', { scren: 'a' })
    // @ts-expect-error of an anchor
    did('pinged').atLeast(1).within('7d').of('signed_up', { plann: 'pro' })
    // @ts-expect-error of an event without properties
    did('pinged', { any: 1 })
    // @ts-expect-error with an operator
    did('pinged', { any: { exists: true } })
    // @ts-expect-error to count
    did('pinged').distinct('any')
    // @ts-expect-error of an event that every plan knows
    did('waymark_message_seen', { ruel: 'advanced-tip' })
    // @ts-expect-error to count
    did('feature_used').distinct('featur')
  })

  it('a wrong operand', () => {
    // @ts-expect-error a number for a text
    did('feature_used', { feature: 3 })
    // @ts-expect-error a text for a boolean
    did('feature_used', { advanced: 'yes' })
    // @ts-expect-error a text for a number
    did('onboarding_step_completed', { index: { gte: 'one' } })
    // @ts-expect-error a literal that the enum lacks
    did('signed_up', { plan: 'enterprise' })
    // @ts-expect-error a literal that arktype's union lacks
    did('purchased', { currency: { in: ['EUR', 'GBP'] } })
    // @ts-expect-error null is never equal
    did('feature_used', { feature: null })
    // @ts-expect-error an operator that there is not
    did('feature_used', { feature: { like: 'A' } })
    // @ts-expect-error a boolean has no order
    did('feature_used', { advanced: { gt: true } })
    // @ts-expect-error a number contains nothing
    did('purchased', { amount: { contains: 3 } })
    // @ts-expect-error an item of another type
    did('purchased', { tags: { contains: 3 } })
  })

  it('a wrong measure', () => {
    // @ts-expect-error the sum of a text
    did('purchased').sum('currency')
    // @ts-expect-error the sum of an event without numbers
    did('feature_used').sum('feature')
    // @ts-expect-error a measure without comparison is no condition
    plan.rule('r', { when: did('purchased').sum('amount'), send })
    // @ts-expect-error a count is a number
    did('feature_used').atLeast('3')
  })

  it('words in an order that means nothing', () => {
    // @ts-expect-error across before atLeast
    did('feature_used').across(2, 'sessions')
    // @ts-expect-error across after atMost
    did('feature_used').atMost(3).across(2, 'sessions')
    // @ts-expect-error an anchor without a window
    did('feature_used').atLeast(3).of('signed_up')
    // @ts-expect-error a unit that there is not
    did('feature_used').atLeast(3).across(2, 'weeks')
    // @ts-expect-error a sequence of one
    sequence('signed_up')
    // @ts-expect-error a condition is no step
    sequence('signed_up', did('feature_used').atLeast(2))
  })

  it('a unit of time that there is not', () => {
    // @ts-expect-error months differ
    did('feature_used').atLeast(3).within('2mo')
    // @ts-expect-error no unit
    inactive('24')
    // @ts-expect-error in words
    inSegment(engagement, 'engaged').for('3 days')
    // @ts-expect-error in a limit
    plan.rule('r', { when: inactive('1d'), send, limit: { max: 1, per: '7 days' } })
  })

  it('a wrong trait', () => {
    // @ts-expect-error unknown
    trait('emial')
    // @ts-expect-error of a plan without traits
    other.behaviour.trait('email')
    // @ts-expect-error a literal that the enum lacks
    trait('plan').is('gold')
    // @ts-expect-error a list with one
    trait('plan').in(['free', 'gold'])
    // @ts-expect-error a text for a number
    trait('seats').atLeast('5')
    // @ts-expect-error an enum has no order
    trait('plan').above('free')
    // @ts-expect-error a number contains nothing
    trait('seats').contains(5)
    // @ts-expect-error an item of another type
    trait('teams').contains(5)
  })

  it('a member that the segment lacks, or a segment of another plan', () => {
    // @ts-expect-error misspelt
    inSegment(engagement, 'engagd')
    // @ts-expect-error of another plan
    inSegment(listeners, 'heavy')
  })

  it('otherwise anywhere but in a segment', () => {
    // @ts-expect-error in a rule
    plan.rule('r', { when: otherwise, send })
    // @ts-expect-error inside a condition
    and(inactive('1d'), otherwise)
    // @ts-expect-error turned round
    not(otherwise)
  })

  it('a segment or rule that is not complete', () => {
    // @ts-expect-error no send
    plan.rule('r', { when: inactive('1d') })
    // @ts-expect-error no when
    plan.rule('r', { send })
    // @ts-expect-error a message without content
    plan.rule('r', { when: inactive('1d'), send: { channel: 'email', kind: 'template' } })
    // @ts-expect-error a field that there is not
    plan.rule('r', { when: inactive('1d'), send, prioritty: 1 })
    // @ts-expect-error a member that is no condition
    plan.segments('s', { all: true })
  })

  it('a plan of anything but schemas of objects', () => {
    // @ts-expect-error not a schema
    definePlan({ events: { a: { b: 'string' } }, traits: z.object({}) })
    // @ts-expect-error properties are an object
    definePlan({ events: { a: z.string() }, traits: z.object({}) })
    // @ts-expect-error traits are an object
    definePlan({ events: {}, traits: z.number() })
  })
})
