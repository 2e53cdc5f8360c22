import fc from 'fast-check'
import { expect, it, describe as suite } from 'vitest'
import { z } from 'zod'
import type { Condition } from '../src/behaviour/ast.ts'
import { describe } from '../src/behaviour/english.ts'
import { definePlan } from '../src/plan/define-plan.ts'
import { condition } from './arbitraries.ts'

const plan = definePlan({
  events: {
    signed_up: z.object({ plan: z.enum(['free', 'pro']) }),
    feature_used: z.object({ feature: z.string(), advanced: z.boolean(), note: z.string().optional() }),
    onboarding_step_completed: z.object({ step: z.string() }),
    purchased: z.object({ amount: z.number(), tags: z.array(z.string()) }),
    'Order Completed': z.object({ 'total price': z.number() }),
  },
  traits: z.object({ plan: z.string().optional(), seats: z.number().optional() }),
})
const { did, active, inactive, sequence, without, first, last, trait, inSegment, holding, and, or, not, otherwise } = plan.behaviour
const engagement = plan.segments('engagement', { engaged: did('feature_used'), 'at-risk': otherwise })

suite('a condition in English', () => {
  it.each([
    [did('feature_used'), 'did feature_used at least once'],
    [did('feature_used').atLeast(2), 'did feature_used at least twice'],
    [did('feature_used', { feature: 'A' }).atLeast(5).across(2, 'sessions'), "did feature_used with feature = 'A' at least 5 times across 2 sessions"],
    [did('feature_used').atLeast(3).across(3, 'days').within('7d'), 'did feature_used at least 3 times across 3 days in the last 7d'],
    [did('feature_used').atLeast(5).consistent({ sessions: 3, days: 2 }), 'did feature_used at least 5 times across 3 sessions and 2 days'],
    [did('feature_used').sessions().atLeast(3), 'did feature_used in at least 3 sessions'],
    [did('feature_used', { advanced: true }).days().atMost(1).within('7d'), 'did feature_used with advanced = true on at most 1 day in the last 7d'],
    [did('feature_used').atLeast(3).during('first 7d'), 'did feature_used at least 3 times in the first 7d'],
    [active(), 'did any activity at least once'],
    [active().never().during('first 2d'), 'never did any activity in the first 48h'],
    [active().days().atLeast(3).within('1w'), 'did any activity on at least 3 days in the last 7d'],
    [did('feature_used').atMost(1).within('1h'), 'did feature_used at most once in the last 1h'],
    [did('feature_used').never(), 'never did feature_used'],
    [did('feature_used', { advanced: true }).never().within('2d').of('signed_up'), 'never did feature_used with advanced = true within 48h of signed_up'],
    [
      did('feature_used').distinct('feature').atLeast(3).within('48h').of('signed_up'),
      'did feature_used with at least 3 different values of feature within 48h of signed_up',
    ],
    [did('feature_used', { advanced: true }).distinct('feature').atMost(1), 'did feature_used with advanced = true and at most 1 different value of feature'],
    [did('purchased').sum('amount').atLeast(99.5).within('30d'), 'did purchased with amount adding up to at least 99.5 in the last 30d'],
    [did('feature_used').within('7d').of('signed_up', { plan: 'pro' }), "did feature_used at least once within 7d of signed_up with plan = 'pro'"],
    [
      did('Order Completed', { 'total price': { gt: 10, lte: 20 } }),
      "did 'Order Completed' with 'total price' above 10 and 'total price' at most 20 at least once",
    ],
    [did('purchased', { amount: { gte: 1, lt: 9 } }), 'did purchased with amount at least 1 and amount below 9 at least once'],
    [did('purchased', { tags: { contains: 'gift' } }), "did purchased with tags containing 'gift' at least once"],
    [did('feature_used', { note: { exists: true } }), 'did feature_used with note set at least once'],
    [did('feature_used', { note: { exists: false } }), 'did feature_used with note not set at least once'],
    [did('feature_used', { note: { ne: "it's" } }), "did feature_used with note not 'it\\'s' at least once"],
    [did('signed_up', { plan: { in: ['free', 'pro'] } }), "did signed_up with plan one of 'free', 'pro' at least once"],
    [
      sequence('signed_up', 'onboarding_step_completed').within('7d').and(did('feature_used').never()),
      'did signed_up then onboarding_step_completed within 7d, and never did feature_used',
    ],
    [sequence('signed_up', did('feature_used', { feature: 'A' }), 'purchased'), "did signed_up then feature_used with feature = 'A' then purchased"],
    [sequence('signed_up', without('purchased'), 'feature_used').within('7d'), 'did signed_up then feature_used without purchased in between within 7d'],
    [
      sequence('signed_up', without('purchased', { amount: 1 }), without('Order Completed'), 'feature_used', active()),
      "did signed_up then feature_used without purchased with amount = 1 or 'Order Completed' in between then any activity",
    ],
    [
      sequence('signed_up', 'feature_used', without('signed_up'), 'purchased').without('Order Completed'),
      "did signed_up then feature_used then purchased without signed_up in between without 'Order Completed' anywhere in between",
    ],
    [last('feature_used').its('feature').is('A'), "the last feature_used has feature = 'A'"],
    [first('signed_up').its('plan').in(['free', 'pro']), "the first signed_up has plan one of 'free', 'pro'"],
    [last('feature_used', { advanced: true }).its('note').exists(), 'the last feature_used with advanced = true has note set'],
    [
      holding(active().days().atLeast(3).within('7d')).until(inactive('14d')),
      'from when (did any activity on at least 3 days in the last 7d) until (inactive for 14d)',
    ],
    [not(last('feature_used').its('feature').is('A')), "not (the last feature_used has feature = 'A')"],
    [inactive('24h'), 'inactive for 24h'],
    [trait('plan').is('pro'), "trait plan = 'pro'"],
    [trait('plan').exists(), 'trait plan set'],
    [trait('seats').above(5), 'trait seats above 5'],
    [inSegment(engagement, 'at-risk'), 'at-risk in segment engagement'],
    [inSegment(engagement, 'engaged').for('3d'), 'engaged in segment engagement for at least 3d'],
    [not(inactive('3d')), 'not inactive for 3d'],
    [not(did('purchased')), 'not (did purchased at least once)'],
    [and(or(inactive('1d'), trait('plan').is('pro')), did('purchased')), "(inactive for 24h, or trait plan = 'pro'), and did purchased at least once"],
    [otherwise, 'none of the others'],
  ])('%j', (built, sentence) => {
    expect(describe(built.condition)).toBe(sentence)
  })

  it('never takes any activity for an event of that name', () => {
    const match = { event: '*', where: [] }
    const anchored: Condition = { ...did('signed_up').condition, ...{ window: { length: 3_600_000, anchor: match } } } as Condition
    expect(describe(anchored)).toBe('did signed_up at least once within 1h of the first activity of any kind')
    const one: Condition = { kind: 'occurrence', which: 'last', match, test: { property: 'path', is: 'eq', value: '/' } }
    expect(describe(one)).toBe("the last activity of any kind has path = '/'")
    expect(describe({ ...one, match: { event: 'any activity', where: [] } })).toBe("the last 'any activity' has path = '/'")
  })

  it('says of lists of nothing whom they hold for', () => {
    expect(describe({ kind: 'all', of: [] })).toBe('anybody')
    expect(describe({ kind: 'any', of: [] })).toBe('nobody')
  })

  it('says the same of two conditions only where they mean the same', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 20, maxLength: 60 }), (conditions) => {
        const meant = new Map<string, Condition>()
        for (const one of conditions.map(plain)) {
          const sentence = describe(one)
          expect(meant.get(sentence) ?? one).toEqual(one)
          meant.set(sentence, one)
        }
      }),
    )
  })
})

/** Without what changes nothing: brackets round lists of one, and the order of what is excluded from a sequence. */
function plain(one: Condition): Condition {
  switch (one.kind) {
    case 'not':
      return { kind: 'not', of: plain(one.of) }
    case 'holding':
      return { kind: 'holding', from: plain(one.from), until: plain(one.until) }
    case 'all':
    case 'any':
      return one.of.length === 1 ? plain(one.of[0] as Condition) : { kind: one.kind, of: one.of.map(plain) }
    case 'sequence': {
      const texts = new Map((one.without ?? []).map((exclusion) => [`${exclusion.after} ${JSON.stringify(exclusion)}`, exclusion]))
      return one.without === undefined ? one : { ...one, without: [...texts.keys()].sort().map((text) => texts.get(text) as never) }
    }
    default:
      return one
  }
}
