import fc from 'fast-check'
import type { Condition, Did, EventMatch, PropertyTest, Window } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'

/** Small worlds, so that coincidences (ties, edges, repeats) are common: few names, few values, times on a coarse grid. */

const MINUTE = 60_000
const NAMES = ['a', 'b', 'c'] as const
const start = Date.UTC(2026, 2, 1)

const time = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((steps) => start + steps * 10 * MINUTE),
  fc.integer({ min: 0, max: 400 }).map((steps) => start + steps * MINUTE),
)

export const history: fc.Arbitrary<readonly CanonicalEvent[]> = fc
  .array(
    fc.record({
      at: time,
      kind: fc.constantFrom<'track' | 'page' | 'identify'>('track', 'track', 'track', 'track', 'page', 'identify'),
      name: fc.constantFrom(...NAMES),
      n: fc.option(fc.integer({ min: -2, max: 3 }), { nil: undefined }),
      p: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((rows) => rows.map(({ at, kind, name, n, p }, index) => event({ at, kind, name, n, p, id: `m${(index * 7919) % 101}-${index}` })))

function event(row: {
  at: number
  kind: 'track' | 'page' | 'identify'
  name: string
  n?: number | undefined
  p?: string | undefined
  id: string
}): CanonicalEvent {
  const values = { ...(row.n === undefined ? {} : { n: row.n }), ...(row.p === undefined ? {} : { p: row.p }) }
  return {
    type: row.kind,
    ...(row.kind === 'track' ? { event: row.name } : {}),
    messageId: row.id,
    userId: 'u',
    timestamp: row.at,
    receivedAt: row.at,
    properties: row.kind === 'track' ? values : {},
    traits: row.kind === 'identify' ? values : {},
    context: {},
    integrations: {},
    source: 'test',
  }
}

const test: fc.Arbitrary<PropertyTest> = fc.oneof(
  fc.record({ property: fc.constant('n'), is: fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'), value: fc.integer({ min: -1, max: 2 }) }),
  fc.record({ property: fc.constant('p'), is: fc.constantFrom('eq', 'ne', 'contains'), value: fc.constantFrom('x', 'y') }),
  fc.record({ property: fc.constantFrom('n', 'p'), is: fc.constant('exists' as const), value: fc.boolean() }),
  fc.record({ property: fc.constant('p'), is: fc.constant('in' as const), value: fc.constant(['x', 'z']) }),
)
const match: fc.Arbitrary<EventMatch> = fc.record({ event: fc.constantFrom(...NAMES), where: fc.array(test, { maxLength: 1 }) })
const length = fc.integer({ min: 1, max: 20 }).map((steps) => steps * 10 * MINUTE)
const window: fc.Arbitrary<Window> = fc.oneof(
  length.map((of) => ({ length: of })),
  fc.record({ length, anchor: match }),
)

const didArbitrary: fc.Arbitrary<Did> = fc
  .record({
    match,
    measure: fc.constantFrom<Did['measure']>({ of: 'count' }, { of: 'distinct', property: 'p' }, { of: 'sum', property: 'n' }),
    compare: fc.constantFrom<Did['compare']>('atLeast', 'atMost'),
    value: fc.integer({ min: 0, max: 4 }),
    across: fc.option(fc.record({ count: fc.integer({ min: 1, max: 3 }), unit: fc.constantFrom<'sessions' | 'days'>('sessions', 'days') }), {
      nil: undefined,
      freq: 3,
    }),
    window: fc.option(window, { nil: undefined }),
  })
  .map(({ match: { event: name, where }, measure, compare, value, across, window: over }) => ({
    kind: 'did',
    event: name,
    where,
    measure,
    compare,
    value: compare === 'atLeast' && measure.of !== 'sum' ? Math.max(1, value) : value,
    ...(across === undefined || compare === 'atMost' ? {} : { across }),
    ...(over === undefined ? {} : { window: over }),
  }))

const predicate: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 6, arbitrary: didArbitrary },
  {
    weight: 2,
    arbitrary: fc
      .record({ steps: fc.array(match, { minLength: 2, maxLength: 4 }), within: fc.option(length, { nil: undefined }) })
      .map(({ steps, within }): Condition => ({ kind: 'sequence', steps, ...(within === undefined ? {} : { within }) })),
  },
  { weight: 1, arbitrary: length.map((of): Condition => ({ kind: 'inactive', for: of })) },
  { weight: 1, arbitrary: test.map((of): Condition => ({ kind: 'trait', test: of })) },
)

export const condition: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'condition' },
    { weight: 4, arbitrary: predicate },
    { weight: 1, arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'all', of })) },
    { weight: 1, arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'any', of })) },
    { weight: 1, arbitrary: tie('node').map((of): Condition => ({ kind: 'not', of })) },
  ),
})).node

/** Every moment at which something in this history and these conditions can change, and a millisecond to either side. */
export function edges(events: readonly CanonicalEvent[], conditions: readonly Condition[]): readonly number[] {
  const lengths = conditions.flatMap(lengthsIn)
  const moments = events.flatMap(({ timestamp }) => [timestamp, ...lengths.map((of) => timestamp + of)])
  return [...new Set(moments.flatMap((at) => [at - 1, at, at + 1]))].sort((a, b) => a - b)
}

function lengthsIn(node: Condition): readonly number[] {
  switch (node.kind) {
    case 'all':
    case 'any':
      return node.of.flatMap(lengthsIn)
    case 'not':
      return lengthsIn(node.of)
    case 'did':
      return node.window === undefined ? [] : [node.window.length]
    case 'sequence':
      return node.within === undefined ? [] : [node.within]
    case 'inactive':
      return [node.for]
    default:
      return []
  }
}
