import fc from 'fast-check'
import { ANY_ACTIVITY, type Condition, type Did, type EventMatch, type PropertyTest, type Sequence, type Window } from '../src/behaviour/ast.ts'
import { amount, NAMES } from './arbitraries-history.ts'

/** Conditions over the events of `arbitraries-history.ts`: whatever checkCondition lets pass, of small numbers. */

const MINUTE = 60_000
export const length: fc.Arbitrary<number> = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 20 }).map((steps) => steps * 10 * MINUTE) },
  { weight: 1, arbitrary: fc.constantFrom(12, 24, 36).map((hours) => hours * 60 * MINUTE) },
)

const test: fc.Arbitrary<PropertyTest> = fc.oneof(
  fc.record({
    property: fc.constant('n'),
    is: fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'),
    value: fc.oneof(fc.integer({ min: -1, max: 2 }), fc.constantFrom(0.1, 0.3)),
  }),
  fc.record({ property: fc.constant('p'), is: fc.constantFrom('eq', 'ne', 'contains'), value: fc.constantFrom('x', 'y') }),
  fc.record({ property: fc.constantFrom('n', 'p'), is: fc.constant('exists' as const), value: fc.boolean() }),
  fc.record({ property: fc.constant('p'), is: fc.constant('in' as const), value: fc.constant(['x', 'z']) }),
)
const match: fc.Arbitrary<EventMatch> = fc.record({
  event: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: fc.constant(ANY_ACTIVITY) }),
  where: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.tuple(test) }),
})

const window: fc.Arbitrary<Window> = fc.oneof(
  { weight: 3, arbitrary: length.map((of) => ({ length: of })) },
  { weight: 3, arbitrary: fc.record({ length, anchor: match }) },
  { weight: 2, arbitrary: length.map((of): Window => ({ length: of, anchor: 'firstSeen' })) },
)
const units: fc.Arbitrary<Did['across']> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.record({ sessions: fc.integer({ min: 2, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ days: fc.integer({ min: 2, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ sessions: fc.integer({ min: 2, max: 3 }), days: fc.integer({ min: 2, max: 3 }) }) },
)

const didArbitrary: fc.Arbitrary<Did> = fc
  .record({
    match,
    measure: fc.constantFrom<Did['measure']>(
      { of: 'count' },
      { of: 'count' },
      { of: 'sessions' },
      { of: 'days' },
      { of: 'distinct', property: 'p' },
      { of: 'distinct', property: 'n' },
      { of: 'sum', property: 'n' },
      { of: 'sum', property: 'n' },
    ),
    compare: fc.constantFrom<Did['compare']>('atLeast', 'atLeast', 'atMost'),
    count: fc.integer({ min: 0, max: 4 }),
    amount: fc.oneof(amount, fc.constantFrom(0.6, 1.2, 3.3)),
    across: units,
    window: fc.option(window, { nil: undefined }),
  })
  .map(({ match: { event, where }, measure, compare, count, amount: sum, across, window: over }): Did => {
    // What is never asked: values of any activity, days across days, and a most of what goes up and down in a window that is still open.
    const hasValues = event !== ANY_ACTIVITY
    const isSum = measure.of === 'sum' && hasValues
    const comparison = isSum && over?.anchor !== undefined ? 'atLeast' : compare
    const spread = comparison === 'atMost' ? {} : Object.fromEntries(Object.entries(across ?? {}).filter(([unit]) => unit !== measure.of))
    return {
      kind: 'did',
      event,
      where,
      measure: hasValues || !('property' in measure) ? measure : { of: 'count' },
      compare: comparison,
      value: isSum ? sum : comparison === 'atLeast' ? Math.max(1, count) : count,
      ...(Object.keys(spread).length === 0 ? {} : { across: spread }),
      ...(over === undefined ? {} : { window: over }),
    }
  })

const sequence: fc.Arbitrary<Sequence> = fc
  .record({
    steps: fc.array(match, { minLength: 2, maxLength: 4 }),
    within: fc.option(length, { nil: undefined }),
    without: fc.option(fc.array(fc.record({ event: match, after: fc.nat(2) }), { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 2 }),
  })
  .map(({ steps, within, without }) => ({
    kind: 'sequence',
    steps,
    ...(within === undefined ? {} : { within }),
    ...(without === undefined ? {} : { without: without.map(({ event, after }) => ({ ...event, after: after % (steps.length - 1) })) }),
  }))

const predicate: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 8, arbitrary: didArbitrary },
  { weight: 3, arbitrary: sequence },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('occurrence'), which: fc.constantFrom('first', 'last'), match, test }) },
  { weight: 1, arbitrary: length.map((of): Condition => ({ kind: 'inactive', for: of })) },
  { weight: 1, arbitrary: test.map((of): Condition => ({ kind: 'trait', test: of })) },
)

/** All kinds, `extra` among the predicates. */
export function conditionOver(extra?: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> {
  const leaf = extra === undefined ? predicate : fc.oneof({ weight: 3, arbitrary: predicate }, { weight: 2, arbitrary: extra })
  return fc.letrec<{ node: Condition }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'condition' },
      { weight: 6, arbitrary: leaf },
      { weight: 1, arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'all', of })) },
      { weight: 1, arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'any', of })) },
      { weight: 1, arbitrary: tie('node').map((of): Condition => ({ kind: 'not', of })) },
      {
        weight: 2,
        arbitrary: fc
          .record({ from: tie('node'), until: tie('node') })
          .filter(({ from, until }) => JSON.stringify(from) !== JSON.stringify(until))
          .map(({ from, until }): Condition => ({ kind: 'holding', from, until })),
      },
    ),
  })).node
}
