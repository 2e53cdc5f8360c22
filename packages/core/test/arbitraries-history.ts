import fc from 'fast-check'
import type { CanonicalEvent } from '../src/event.ts'

/** Small worlds, so that coincidences (ties, edges, repeats) are common: few names, few values, times on a coarse grid. */

const MINUTE = 60_000
export const NAMES = ['a', 'b', 'c'] as const
/** Three hours before midnight: a history of one evening falls in two days. */
const start = Date.UTC(2026, 2, 1, 21)

const time = fc
  .oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }).map((steps) => steps * 10) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 400 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 4 }).map((steps) => steps * 60) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 6 }).map((steps) => steps * 12 * 60) },
  )
  .map((minutes) => start + minutes * MINUTE)

type Kind = 'track' | 'page' | 'screen' | 'identify'

/** What a property is now and then: not there, or null. */
function orNothing<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null | undefined> {
  return fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constant(undefined) })
}

/** Among them such as add up to a threshold in decimals and miss it in binary. */
export const amount: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 3 }) },
  { weight: 3, arbitrary: fc.constantFrom(0.1, 0.2, 0.3, -0.3, 0.7, 1.1, 2.2, 0.005, -0.995) },
  { weight: 1, arbitrary: fc.integer({ min: -2_500, max: 3_500 }).map((thousandths) => thousandths / 1_000) },
)

export const history: fc.Arbitrary<readonly CanonicalEvent[]> = fc
  .array(
    fc.record({
      at: time,
      kind: fc.constantFrom<Kind>('track', 'track', 'track', 'track', 'track', 'track', 'page', 'screen', 'identify', 'identify'),
      name: fc.constantFrom(...NAMES),
      n: orNothing(amount),
      p: orNothing(fc.constantFrom('x', 'y', 'z')),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((rows) =>
    rows.map(({ at, kind, name, n, p }, index): CanonicalEvent => {
      const values = { ...(n === undefined ? {} : { n }), ...(p === undefined ? {} : { p }) }
      return {
        type: kind,
        ...(kind === 'track' ? { event: name } : {}),
        ...(kind === 'page' || kind === 'screen' ? { name } : {}),
        // In another order than the events are generated in, so that ties are broken either way.
        messageId: `m${(index * 7919) % 101}-${index}`,
        userId: 'u',
        timestamp: at,
        receivedAt: at,
        properties: kind === 'identify' ? {} : values,
        traits: kind === 'identify' ? values : {},
        context: {},
        integrations: {},
        source: 'test',
      }
    }),
  )
