import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkCondition } from '../src/behaviour/check.ts'
import { WaymarkError } from '../src/errors.ts'
import { definePlan } from '../src/plan/define-plan.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const plan = definePlan({
  events: {
    signed_up: z.object({ plan: z.enum(['free', 'pro']) }),
    feature_used: z.object({ feature: z.string(), advanced: z.boolean(), seconds: z.number() }),
    trial_started: z.object({ ends: z.coerce.date() }),
  },
  traits: z.object({ plan: z.string().optional(), seats: z.number().optional(), teams: z.array(z.string()).optional() }),
})
const { did, active, inactive, sequence, without, first, last, trait, inSegment, holding, and, or, not, otherwise } = plan.behaviour
const engagement = plan.segments('engagement', { engaged: did('feature_used'), 'at-risk': otherwise })
const used = { kind: 'did', event: 'feature_used', where: [], measure: { of: 'count' }, compare: 'atLeast', value: 1 } as const

describe('did', () => {
  it.each([
    ['alone: at least once', did('feature_used'), used],
    ['at least', did('feature_used').atLeast(5), { ...used, value: 5 }],
    ['at most', did('feature_used').atMost(2), { ...used, compare: 'atMost', value: 2 }],
    ['never', did('feature_used').never(), { ...used, compare: 'atMost', value: 0 }],
    ['across', did('feature_used').atLeast(5).across(2, 'sessions'), { ...used, value: 5, across: { sessions: 2 } }],
    ['within', did('feature_used').within('7d'), { ...used, window: { length: 7 * DAY } }],
    [
      'distinct, anchored',
      did('feature_used').distinct('feature').atLeast(3).within('48h').of('signed_up', { plan: 'pro' }),
      {
        ...used,
        measure: { of: 'distinct', property: 'feature' },
        value: 3,
        window: { length: 2 * DAY, anchor: { event: 'signed_up', where: [{ property: 'plan', is: 'eq', value: 'pro' }] } },
      },
    ],
    ['sum', did('feature_used').sum('seconds').atMost(90.5), { ...used, measure: { of: 'sum', property: 'seconds' }, compare: 'atMost', value: 90.5 }],
    ['sessions', did('feature_used').sessions().atLeast(3), { ...used, measure: { of: 'sessions' }, value: 3 }],
    ['days', did('feature_used').days().atMost(3).within('7d'), { ...used, measure: { of: 'days' }, compare: 'atMost', value: 3, window: { length: 7 * DAY } }],
    ['consistent', did('feature_used').atLeast(5).consistent({ sessions: 3, days: 2 }), { ...used, value: 5, across: { sessions: 3, days: 2 } }],
    [
      'consistent in one',
      did('feature_used').sessions().atLeast(5).consistent({ days: 2 }),
      { ...used, measure: { of: 'sessions' }, value: 5, across: { days: 2 } },
    ],
    ['at first', did('feature_used').atLeast(2).during('first 7d'), { ...used, value: 2, window: { length: 7 * DAY, anchor: 'firstSeen' } }],
    ['any activity', active(), { ...used, event: '*' }],
    [
      'no activity',
      active().never().during('first 2d'),
      { ...used, event: '*', compare: 'atMost', value: 0, window: { length: 2 * DAY, anchor: 'firstSeen' } },
    ],
    ['active days', active().days().atLeast(3).within('1w'), { ...used, event: '*', measure: { of: 'days' }, value: 3, window: { length: 7 * DAY } }],
    [
      'everything together',
      did('feature_used', { advanced: true }).distinct('feature').atLeast(2).across(3, 'days').within('2w'),
      {
        ...used,
        where: [{ property: 'advanced', is: 'eq', value: true }],
        measure: { of: 'distinct', property: 'feature' },
        value: 2,
        across: { days: 3 },
        window: { length: 14 * DAY },
      },
    ],
  ])('%s', (_, built, condition) => {
    expect(built.condition).toEqual(condition)
    expect(JSON.parse(JSON.stringify(built))).toEqual(condition)
    expect(checkCondition(built.condition, plan, 'when')).toEqual([])
  })

  it('refuses a span that does not begin at first', () => {
    const during = (span: string) => () => did('feature_used').during(span as 'first 7d')
    expect(during('last 7d')).toThrow("'last 7d' is not a span of a user's time")
    expect(during('first 7 d')).toThrow("'first 7 d' is not a span of a user's time")
    expect(during('first 0d')).toThrow("'0d' is not a duration longer than zero")
  })

  it('leaves what it was built from as it was', () => {
    const base = did('feature_used').atLeast(5)
    base.across(2, 'days')
    base.within('1d').of('signed_up')
    expect(base.condition).toEqual({ ...used, value: 5 })
  })
})

describe('tests of properties', () => {
  it('takes a value for equality and an object for operators, all of which must pass', () => {
    const where = { feature: { ne: 'A', contains: 'x' }, seconds: { gte: 3, lt: 9 }, advanced: { exists: false } } as const
    expect(did('feature_used', where).match.where).toEqual([
      { property: 'feature', is: 'ne', value: 'A' },
      { property: 'feature', is: 'contains', value: 'x' },
      { property: 'seconds', is: 'gte', value: 3 },
      { property: 'seconds', is: 'lt', value: 9 },
      { property: 'advanced', is: 'exists', value: false },
    ])
  })

  it('compares dates as the ISO strings they are kept as', () => {
    const [alone, operator] = [did('trial_started', { ends: new Date(0) }), did('trial_started', { ends: { in: [new Date(0)] } })]
    expect(alone.match.where).toEqual([{ property: 'ends', is: 'eq', value: '1970-01-01T00:00:00.000Z' }])
    expect(operator.match.where).toEqual([{ property: 'ends', is: 'in', value: ['1970-01-01T00:00:00.000Z'] }])
  })

  it('refuses operators that there are not, also from JavaScript', () => {
    const loose = did as (event: string, where: object) => unknown
    expect(() => loose('feature_used', { seconds: { gtee: 3 } })).toThrow(/'gtee' in the test of 'seconds' is not an operator\. Did you mean 'gte'\?/)
    expect(() => loose('feature_used', { seconds: {} })).toThrow(/the test of 'seconds' is empty/)
  })
})

describe('the other conditions', () => {
  it.each([
    [inactive('24h'), { kind: 'inactive', for: DAY }],
    [trait('plan').is('pro'), { kind: 'trait', test: { property: 'plan', is: 'eq', value: 'pro' } }],
    [trait('plan').isNot('pro'), { kind: 'trait', test: { property: 'plan', is: 'ne', value: 'pro' } }],
    [trait('plan').in(['pro', 'team']), { kind: 'trait', test: { property: 'plan', is: 'in', value: ['pro', 'team'] } }],
    [trait('plan').exists(), { kind: 'trait', test: { property: 'plan', is: 'exists', value: true } }],
    [trait('seats').atLeast(5), { kind: 'trait', test: { property: 'seats', is: 'gte', value: 5 } }],
    [trait('seats').atMost(5), { kind: 'trait', test: { property: 'seats', is: 'lte', value: 5 } }],
    [trait('seats').above(5), { kind: 'trait', test: { property: 'seats', is: 'gt', value: 5 } }],
    [trait('seats').below(5), { kind: 'trait', test: { property: 'seats', is: 'lt', value: 5 } }],
    [trait('teams').contains('design'), { kind: 'trait', test: { property: 'teams', is: 'contains', value: 'design' } }],
    [inSegment(engagement, 'engaged'), { kind: 'inSegment', segment: 'engagement', member: 'engaged' }],
    [inSegment(engagement, 'at-risk').for('3d'), { kind: 'inSegment', segment: 'engagement', member: 'at-risk', for: 3 * DAY }],
    [
      sequence('signed_up', did('feature_used', { feature: 'A' })),
      {
        kind: 'sequence',
        steps: [
          { event: 'signed_up', where: [] },
          { event: 'feature_used', where: [{ property: 'feature', is: 'eq', value: 'A' }] },
        ],
      },
    ],
    [
      sequence('signed_up', 'feature_used').within('7d'),
      {
        kind: 'sequence',
        steps: [
          { event: 'signed_up', where: [] },
          { event: 'feature_used', where: [] },
        ],
        within: 7 * DAY,
      },
    ],
  ])('%j', (built, condition) => {
    expect(built.condition).toEqual(condition)
    expect(checkCondition(built.condition, plan, 'when', [engagement])).toEqual([])
  })

  it.each([
    [
      first('signed_up').its('plan').is('pro'),
      { which: 'first', match: { event: 'signed_up', where: [] }, test: { property: 'plan', is: 'eq', value: 'pro' } },
    ],
    [
      last('feature_used', { advanced: true }).its('seconds').above(9),
      {
        which: 'last',
        match: { event: 'feature_used', where: [{ property: 'advanced', is: 'eq', value: true }] },
        test: { property: 'seconds', is: 'gt', value: 9 },
      },
    ],
  ])('%j', (built, occurrence) => {
    expect(built.condition).toEqual({ kind: 'occurrence', ...occurrence })
    expect(checkCondition(built.condition, plan, 'when')).toEqual([])
  })

  it('holding from one condition until another', () => {
    const held = holding(did('feature_used').atLeast(3).within('7d')).until(inactive('30d'))
    expect(held.condition).toEqual({ kind: 'holding', from: { ...used, value: 3, window: { length: 7 * DAY } }, until: { kind: 'inactive', for: 30 * DAY } })
    expect(held.and(inactive('1d')).condition).toEqual({ kind: 'all', of: [held.condition, { kind: 'inactive', for: DAY }] })
    expect(checkCondition(held.condition, plan, 'when')).toEqual([])
  })

  it('and, or, not: one list where a chain means one, two where it does not', () => {
    const [a, b, c] = [inactive('1h'), inactive('2h'), inactive('3h')]
    const [x, y, z] = [a.condition, b.condition, c.condition]
    expect(a.and(b).and(c).condition).toEqual({ kind: 'all', of: [x, y, z] })
    expect(and(a, b, c).condition).toEqual({ kind: 'all', of: [x, y, z] })
    expect(a.or(b, c).condition).toEqual({ kind: 'any', of: [x, y, z] })
    expect(a.or(b).and(c).condition).toEqual({ kind: 'all', of: [{ kind: 'any', of: [x, y] }, z] })
    expect(or(and(a, b), not(c)).condition).toEqual({
      kind: 'any',
      of: [
        { kind: 'all', of: [x, y] },
        { kind: 'not', of: z },
      ],
    })
  })

  it('refuses a duration that is none', () => {
    expect(() => inactive('0d')).toThrow(/'0d' is not a duration longer than zero/)
  })
})

describe('sequences with exclusions', () => {
  const step = (event: string) => ({ event, where: [] })
  const [up, used, trial] = [step('signed_up'), step('feature_used'), step('trial_started')]

  it.each([
    ['between two steps', sequence('signed_up', without('trial_started'), 'feature_used'), { steps: [up, used], without: [{ ...trial, after: 0 }] }],
    [
      'two at once, the second gap',
      sequence('signed_up', 'feature_used', without('trial_started'), without('signed_up', { plan: 'pro' }), 'feature_used'),
      {
        steps: [up, used, used],
        without: [
          { ...trial, after: 1 },
          { event: 'signed_up', where: [{ property: 'plan', is: 'eq', value: 'pro' }], after: 1 },
        ],
      },
    ],
    [
      'between any two, within',
      sequence('signed_up', active(), 'feature_used').without('trial_started').within('7d'),
      {
        steps: [up, step('*'), used],
        without: [
          { ...trial, after: 0 },
          { ...trial, after: 1 },
        ],
        within: 7 * DAY,
      },
    ],
    [
      'both, in the other order',
      sequence('signed_up', without('signed_up'), 'feature_used').within('7d').without('trial_started'),
      {
        steps: [up, used],
        without: [
          { ...up, after: 0 },
          { ...trial, after: 0 },
        ],
        within: 7 * DAY,
      },
    ],
  ])('%s', (_, built, parts) => {
    expect(built.condition).toEqual({ kind: 'sequence', ...parts })
    expect(checkCondition(built.condition, plan, 'when')).toEqual([])
  })

  it('refuses one that stands between nothing, also from JavaScript', () => {
    const loose = sequence as (...parts: readonly unknown[]) => unknown
    expect(() => loose(without('trial_started'), 'signed_up', 'feature_used')).toThrow("without('trial_started') stands before the first step")
    expect(() => sequence('signed_up', 'feature_used', without('trial_started'))).toThrow("without('trial_started') stands after the last step")
  })
})

describe('segments and rules', () => {
  it('are plain data, in the order they are written', () => {
    expect(engagement).toEqual({
      id: 'engagement',
      members: [
        { name: 'engaged', when: used },
        { name: 'at-risk', when: { kind: 'otherwise' } },
      ],
    })
    const send = { channel: 'email', kind: 'template', content: {} }
    const rule = plan.rule('come-back', { when: inactive('24h'), send, limit: { max: 1, per: '7d' }, priority: 2 })
    expect(rule).toEqual({ id: 'come-back', when: { kind: 'inactive', for: DAY }, send, limit: { max: 1, per: '7d' }, priority: 2 })
    expect(plan.rule('r', { when: inactive('1d'), send, backfill: 'send' })).toEqual({ id: 'r', when: { kind: 'inactive', for: DAY }, send, backfill: 'send' })
    expect(Object.keys(plan.rule('r', { when: inactive('1d'), send }))).toEqual(['id', 'when', 'send'])
    expect(JSON.parse(JSON.stringify([engagement, rule]))).toEqual([engagement, rule])
  })

  it.each([
    ['otherwise before the end', { rest: otherwise, engaged: did('feature_used') }, 'OTHERWISE_NOT_LAST', /segment 's' member 'rest'/],
    ['a name that JavaScript would move to the front', { low: did('feature_used'), 1: otherwise }, 'MEMBER_NAME_NUMERIC', /segment 's' member '1'/],
    ['a member that is no condition', { low: 'feature_used' as never }, 'CONDITION_INVALID', /segment 's' member 'low'/],
  ])('refuses %s', (_, members, code, message) => {
    const define = () => plan.segments('s', members)
    expect(define).toThrow(message)
    try {
      define()
    } catch (error) {
      expect(WaymarkError.is(error) && error.code).toBe(code)
    }
  })
})
