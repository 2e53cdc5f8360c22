import { describe, it } from 'vitest'
import { z } from 'zod'
import { definePlan } from '../src/plan/define-plan.ts'
import { plan } from './typed-plan.ts'

const { did, active, inactive, sequence, without, first, last, trait, inSegment, holding, and, not, otherwise } = plan.behaviour
const send = { channel: 'in-app', kind: 'modal', content: { title: 'Hi' } }

const engagement = plan.segments('engagement', {
  engaged: did('feature_used').distinct('feature').atLeast(3).within('48h').of('signed_up'),
  'at-risk': otherwise,
})

const other = definePlan({ events: { song_played: z.object({ title: z.string() }) }, traits: z.object({}) })
const listeners = other.segments('listeners', { heavy: other.behaviour.did('song_played').atLeast(9) })

describe('what does not compile', () => {
  it('a misspelt event', () => {
    // @ts-expect-error signd_up
    did('signd_up')
    // @ts-expect-error in a sequence
    sequence('signed_up', 'feature_usd')
    // @ts-expect-error as an anchor
    did('pinged').atLeast(1).within('7d').of('signd_up')
    // @ts-expect-error as an exclusion
    sequence('signed_up', without('feature_usd'), 'purchased')
    // @ts-expect-error as an exclusion everywhere
    sequence('signed_up', 'purchased').without('feature_usd')
    // @ts-expect-error as the first one
    first('signd_up')
    // @ts-expect-error as the newest one
    last('signd_up')
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
    // @ts-expect-error of an exclusion
    sequence('signed_up', without('feature_used', { featur: 'A' }), 'purchased')
    // @ts-expect-error of the newest one
    last('feature_used').its('featur')
    // @ts-expect-error of an event without properties
    last('pinged').its('any')
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
    // @ts-expect-error a literal that the enum lacks
    first('signed_up').its('plan').is('gold')
    // @ts-expect-error a boolean has no order
    last('feature_used').its('advanced').above(true)
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
    // @ts-expect-error any activity has no property
    active().distinct('feature')
    // @ts-expect-error nor tests
    active({ feature: 'A' })
    // @ts-expect-error a measure without comparison
    active().and(did('feature_used').sessions())
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
    // @ts-expect-error consistent in nothing
    did('feature_used').atLeast(3).consistent({})
    // @ts-expect-error consistent at most
    did('feature_used').atMost(3).consistent({ days: 2 })
    // @ts-expect-error a span that does not begin at first
    did('feature_used').atLeast(3).during('7d')
    // @ts-expect-error two windows
    did('feature_used').within('7d').during('first 7d')
    // @ts-expect-error an exclusion before the first step
    sequence(without('pinged'), 'signed_up', 'purchased')
    // @ts-expect-error an exclusion after the last step
    plan.rule('r', { when: sequence('signed_up', 'purchased', without('pinged')), send })
    // @ts-expect-error two steps that are one
    sequence('signed_up', without('pinged')).within('7d')
    // @ts-expect-error two windows of a sequence
    sequence('signed_up', 'purchased').within('7d').within('8d')
    // @ts-expect-error what begins without what ends it
    plan.rule('r', { when: holding(inactive('7d')), send })
    // @ts-expect-error the newest without a test
    plan.rule('r', { when: last('feature_used'), send })
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
    // @ts-expect-error in a span
    did('feature_used').during('first 7 days')
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
    // @ts-expect-error as an end
    holding(inactive('1d')).until(otherwise)
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
    // @ts-expect-error a way to begin that there is not
    plan.rule('r', { when: inactive('1d'), send, backfill: true })
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
