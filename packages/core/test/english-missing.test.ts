import fc from 'fast-check'
import { expect, it, describe as suite } from 'vitest'
import { z } from 'zod'
import type { Predicate } from '../src/behaviour/ast.ts'
import type { Expression } from '../src/behaviour/builder-expression.ts'
import { missing } from '../src/behaviour/english-missing.ts'
import { FALSE, TRUE, type Truth, UNKNOWN } from '../src/behaviour/truth.ts'
import { definePlan } from '../src/plan/define-plan.ts'
import { condition } from './arbitraries.ts'

const plan = definePlan({
  events: {
    signed_up: z.object({ plan: z.string() }),
    feature_used: z.object({ feature: z.string(), seconds: z.number() }),
    onboarding_step_completed: z.object({}),
    onboarding_skipped: z.object({}),
  },
  traits: z.object({ plan: z.string().optional() }),
})
const { did, active, inactive, sequence, first, last, trait, inSegment } = plan.behaviour
const engagement = plan.segments('engagement', { engaged: did('feature_used') })
const used = did('feature_used')
const skipped = did('onboarding_skipped')

suite('what is missing, for a person', () => {
  it.each<[Expression, number | undefined, Truth, string | undefined]>([
    [used.atLeast(5), 5, TRUE, undefined],
    [used.atLeast(5), 3, FALSE, '2 more times'],
    [used.atLeast(5), undefined, FALSE, '5 more times'],
    [used.distinct('feature').atLeast(3), 2, FALSE, '1 more different value of feature'],
    [used.distinct('feature').atLeast(3).within('48h').of('signed_up'), 1, UNKNOWN, '2 more different values of feature within 48h of signed_up'],
    [
      used.distinct('feature').atLeast(3).within('48h').of('signed_up'),
      1,
      FALSE,
      'too late for: did feature_used with at least 3 different values of feature within 48h of signed_up',
    ],
    [used.sum('seconds').atLeast(0.3), 0.1, FALSE, '0.2 more of seconds'],
    [used.sum('seconds').atMost(2), 3.5, FALSE, '1.5 less of seconds'],
    [used.sessions().atLeast(3), 2, FALSE, '1 more session'],
    [active().days().atLeast(3).during('first 7d'), 1, UNKNOWN, '2 more days in the first 7d'],
    [used.atLeast(5).across(2, 'sessions'), 5, FALSE, 'to be spread across 2 sessions'],
    [used.atLeast(5).consistent({ sessions: 3, days: 2 }).within('7d'), 1, FALSE, '4 more times in the last 7d, across 3 sessions and 2 days in all'],
    [skipped.never().within('7d'), 1, FALSE, 'no onboarding_skipped any more, for 7d'],
    [skipped.never().within('7d'), 0, UNKNOWN, 'to be known for 7d'],
    [skipped.atMost(2).within('7d'), 3, FALSE, 'onboarding_skipped no more than twice in the last 7d'],
    [skipped.never().within('2d').of('signed_up'), 0, UNKNOWN, 'no onboarding_skipped within 48h of signed_up'],
    [skipped.atMost(2).during('first 7d'), 1, UNKNOWN, 'onboarding_skipped no more than twice in the first 7d'],
    [skipped.never(), 1, FALSE, 'too late for: never did onboarding_skipped'],
    [used.days().atMost(2).within('7d'), 3, FALSE, 'did feature_used on at most 2 days in the last 7d'],
    [sequence('signed_up', 'onboarding_step_completed', 'feature_used'), 1, FALSE, 'step 2 of 3: onboarding_step_completed'],
    [sequence('signed_up', 'onboarding_step_completed'), undefined, FALSE, 'step 1 of 2: signed_up'],
    [last('feature_used').its('feature').is('A'), undefined, FALSE, "the next feature_used to have feature = 'A'"],
    [first('signed_up').its('plan').is('pro'), undefined, FALSE, "the first signed_up to have plan = 'pro'"],
    [inactive('24h'), undefined, FALSE, '24h without activity'],
    [inactive('24h'), undefined, UNKNOWN, 'any activity, then 24h without activity'],
    [trait('plan').is('pro'), undefined, FALSE, "trait plan = 'pro'"],
    [inSegment(engagement, 'engaged').for('3d'), undefined, FALSE, 'engaged in segment engagement for at least 3d'],
    [inSegment(engagement, 'engaged'), undefined, UNKNOWN, 'segment engagement to settle: engaged in segment engagement'],
  ])('%j with %s, %s', (built, value, truth, expected) => {
    expect(missing(built.condition as Predicate, value, truth)).toBe(expected)
  })

  it('says something of whatever is not true, and nothing of what is', () => {
    const predicate = condition.filter(({ kind }) => !['all', 'any', 'not', 'holding'].includes(kind)) as fc.Arbitrary<Predicate>
    fc.assert(
      fc.property(predicate, fc.option(fc.nat(9), { nil: undefined }), fc.constantFrom(FALSE, UNKNOWN), (one, value, truth) => {
        expect(missing(one, value, TRUE)).toBeUndefined()
        expect(missing(one, value, truth)).toMatch(/^\S/)
      }),
    )
  })
})
