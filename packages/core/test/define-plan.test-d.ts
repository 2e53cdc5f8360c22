import { describe, expectTypeOf, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import type { Plan } from '../src/plan/plan.ts'
import type { Rule } from '../src/rule.ts'
import type { Segment } from '../src/segment.ts'
import { plan } from './typed-plan.ts'

const { did, active, inactive, sequence, without, first, last, trait, inSegment, holding, and, or, not, otherwise } = plan.behaviour
const send = { channel: 'in-app', kind: 'modal', content: { title: 'Hi' } }

const engagement = plan.segments('engagement', {
  engaged: did('feature_used').distinct('feature').atLeast(3).within('48h').of('signed_up'),
  'at-risk': otherwise,
})

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

  it('measures of spread, the first days of a user, and any activity', () => {
    did('feature_used').sessions().atLeast(3).across(2, 'days').within('7d').of('signed_up')
    did('feature_used', { advanced: true }).distinct('feature').atLeast(5).consistent({ sessions: 3, days: 2 }).during('first 7d')
    active().days().atLeast(3).during('first 2w').or(active().never().within('30d'), active().atMost(3).within('1d').of('signed_up'))
  })

  it('sequences without something between', () => {
    sequence('signed_up', without('onboarding_skipped', { screen: 'invite' }), did('feature_used', { feature: 'A' }), active())
    sequence('signed_up', 'feature_used')
      .without('onboarding_skipped')
      .without('purchased', { amount: { gt: 3 } })
      .within('7d')
      .and(active())
    sequence('signed_up', without('pinged'), without('opened'), 'feature_used').within('7d').without('onboarding_skipped').or(active())
  })

  it('the first and the last of something, and what holds between two thresholds', () => {
    const pro = first('signed_up')
      .its('plan')
      .in(['pro', 'free'])
      .and(last('purchased', { currency: 'EUR' }).its('amount').atLeast(9))
    holding(pro)
      .until(last('trial_started').its('ends').below(new Date(0)))
      .or(last('waymark_message_seen').its('rule').is('tip'))
    plan.rule('r', { when: holding(inactive('7d')).until(active().days().atLeast(2).within('7d')), send, backfill: 'send' })
  })

  it('sequences of events with tests, traits, segments, and any combination', () => {
    const steps = sequence('signed_up', did('feature_used', { feature: 'A' }), 'purchased').within('2w')
    const paying = trait('plan').is('pro').and(trait('seats').atLeast(5), trait('teams').contains('design'))
    const grown = or(paying, and(steps, not(trait('email').exists())))
    grown.or(inSegment(engagement, 'at-risk').for('3d'), inSegment(engagement, 'engaged'))
    inSegment({ id: 'from-a-file', members: [] }, 'whoever')
  })
})
