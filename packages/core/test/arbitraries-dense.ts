import fc from 'fast-check'
import { ANY_ACTIVITY, type Did, type EventMatch, type Sequence, type Window } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Json } from '../src/json.ts'

/** Much in little time: milliseconds, so that a window holds dozens and everything meets at its edges, and now and then a day. */

const DAY = 86_400_000
/** A gap longer than this begins a session. */
export const SESSION_GAP = 3
/** Shortly before midnight. */
const START = 20_000 * DAY - 15

const SHORT: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 3, 4, 7)
const LONG: fc.Arbitrary<number> = fc.constantFrom(DAY - 1, DAY, DAY + 1, 2 * DAY)
/** Between one event and the next: next to nothing, now and then a day, often a session or a day. */
const gaps: readonly fc.Arbitrary<number>[] = [
  SHORT,
  fc.oneof({ weight: 9, arbitrary: SHORT }, { weight: 1, arbitrary: LONG }),
  fc.oneof({ weight: 2, arbitrary: SHORT }, { weight: 1, arbitrary: fc.constantFrom(4, 5) }, { weight: 1, arbitrary: LONG }),
]

const plain: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 4, arbitrary: fc.constantFrom(0.1, 0.2, 0.3, 0.7, 1.1, 0.000001, 0.9999995, 2.999999) },
)
const taken = plain.map((amount) => -amount)
const extreme: fc.Arbitrary<number> = fc.constantFrom(1e12, -1e12, 1e12 + 0.001, -1.1e12, 1e300)
const either = fc.oneof(plain, taken)
/** Amounts that only add up, that now and then take away, that do either, and that are at the bound of what counts. */
const amounts: readonly fc.Arbitrary<number>[] = [
  plain,
  fc.oneof({ weight: 15, arbitrary: plain }, { weight: 1, arbitrary: taken }),
  either,
  fc.oneof({ weight: 9, arbitrary: plain }, { weight: 1, arbitrary: extreme }),
]

const VALUES: readonly Json[] = ['x', 'y', 'z', 1, '1', true, 'true', null, { k: 1 }, { k: 2 }, [1], 'u', 'v', 'w', 2, 'k']

interface Row {
  readonly gap: number
  readonly kind: string
  readonly n: number
  readonly p: Json
  readonly has: number
}

/** Histories of up to so many events, in order; `a` is the most frequent. Now and then `n` is a text, and `n` or `p` not there. `kinds` of amounts. */
export function denseHistory(most: number, kinds: readonly fc.Arbitrary<number>[] = amounts): fc.Arbitrary<readonly CanonicalEvent[]> {
  return fc
    .tuple(fc.nat(gaps.length - 1), fc.nat(kinds.length - 1), fc.integer({ min: 2, max: VALUES.length }))
    .chain(([gap, amount, values]) =>
      fc.array(
        fc.record<Row>({
          gap: gaps[gap] as fc.Arbitrary<number>,
          kind: fc.constantFrom('a', 'a', 'a', 'a', 'a', 'a', 'b', 'b', 'c', 'page', 'screen', 'identify'),
          n: kinds[amount] as fc.Arbitrary<number>,
          p: fc.constantFrom(...VALUES.slice(0, values)),
          has: fc.nat(11),
        }),
        { minLength: 1, maxLength: most, size: 'max' },
      ),
    )
    .map((rows) => {
      let at = START
      return rows.map(({ gap, kind, n, p, has }, index) => {
        at += gap
        return eventOf(kind, at, index, { ...(has === 0 ? { n: String(n) } : has === 1 ? {} : { n }), ...(has === 2 ? {} : { p }) })
      })
    })
}

/** A page, a screen, an identify with traits, or a track of that name. Message ids rise with the index. */
export function eventOf(kind: string, at: number, index: number, values: CanonicalEvent['properties'] = {}): CanonicalEvent {
  const type = kind === 'page' || kind === 'screen' || kind === 'identify' ? kind : 'track'
  return {
    type,
    ...(type === 'track' ? { event: kind } : {}),
    messageId: `m${String(index).padStart(5, '0')}`,
    userId: 'u',
    timestamp: at,
    receivedAt: at,
    properties: type === 'identify' ? {} : values,
    traits: type === 'identify' ? values : {},
    context: {},
    integrations: {},
    source: 'test',
  }
}

const length: fc.Arbitrary<number> = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 2, arbitrary: fc.constantFrom(DAY - 1, DAY, DAY + 1, 3 * DAY, 12 * DAY) },
  { weight: 1, arbitrary: fc.integer({ min: 40, max: 80 }) },
)

const POSITIVE: EventMatch['where'] = [{ property: 'n', is: 'gt', value: 0 }]
export const denseMatch: fc.Arbitrary<EventMatch> = fc.record({
  event: fc.constantFrom('a', 'a', 'b', 'c', ANY_ACTIVITY),
  where: fc.constantFrom<EventMatch['where']>([], [], [], POSITIVE, [...POSITIVE, { property: 'p', is: 'ne', value: 'x' }]),
})

const count: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 2, arbitrary: fc.integer({ min: 6, max: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20, max: 40 }) },
)
const target: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -2, max: 12 }),
  fc.constantFrom(0.1, 0.6, 0.000001, 1e12, 2.999999, 3.000001, -0.1),
  fc.integer({ min: 0, max: 400 }).map((tenths) => tenths / 10),
)
const measure: fc.Arbitrary<Did['measure']> = fc.constantFrom<Did['measure']>(
  { of: 'count' },
  { of: 'count' },
  { of: 'sessions' },
  { of: 'days' },
  { of: 'distinct', property: 'p' },
  { of: 'distinct', property: 'n' },
  { of: 'sum', property: 'n' },
  { of: 'sum', property: 'n' },
  { of: 'sum', property: 'n' },
)
const window: fc.Arbitrary<Window | undefined> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 5, arbitrary: length.map((of): Window => ({ length: of })) },
  { weight: 2, arbitrary: fc.record({ length, anchor: denseMatch }) },
  { weight: 1, arbitrary: length.map((of): Window => ({ length: of, anchor: 'firstSeen' })) },
)
const across: fc.Arbitrary<NonNullable<Did['across']>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ sessions: fc.integer({ min: 2, max: 10 }) }) },
  { weight: 1, arbitrary: fc.record({ days: fc.integer({ min: 2, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ sessions: fc.constantFrom(2, 3, 9, 10), days: fc.constantFrom(2, 3, 9) }) },
)

export const denseDid: fc.Arbitrary<Did> = fc
  .record({ match: denseMatch, measure, isMost: fc.boolean(), count, target, across, window })
  .map(({ match, measure: of, isMost, count: many, target: sum, across: spread, window: within }): Did => {
    const isSum = of.of === 'sum'
    // What is never asked: a most of what goes up and down in a window that is still open, days across days, values of any activity.
    const compare = isMost && !(isSum && within?.anchor !== undefined) ? 'atMost' : 'atLeast'
    const units = Object.fromEntries(Object.entries(compare === 'atMost' ? {} : spread).filter(([unit]) => unit !== of.of))
    return {
      kind: 'did',
      event: 'property' in of && match.event === ANY_ACTIVITY ? 'a' : match.event,
      where: match.where,
      measure: of,
      compare,
      value: isSum ? sum : many - Number(compare === 'atMost'),
      ...(Object.keys(units).length === 0 ? {} : { across: units }),
      ...(within === undefined ? {} : { window: within }),
    }
  })

/** Sums that go up and down through what is asked for. */
export const waveringSum: fc.Arbitrary<readonly [Did, readonly CanonicalEvent[]]> = fc.tuple(
  fc
    .record({
      isMost: fc.boolean(),
      value: fc.integer({ min: -2, max: 5 }),
      sessions: fc.constantFrom(undefined, undefined, 2, 3),
      length: fc.integer({ min: 2, max: 30 }),
    })
    .map(
      ({ isMost, value, sessions, length: of }): Did => ({
        kind: 'did',
        event: 'a',
        where: [],
        measure: { of: 'sum', property: 'n' },
        compare: isMost ? 'atMost' : 'atLeast',
        value,
        ...(isMost || sessions === undefined ? {} : { across: { sessions } }),
        window: { length: of },
      }),
    ),
  denseHistory(40, [either]),
)

export const denseSequence: fc.Arbitrary<Sequence> = fc
  .record({
    steps: fc.array(denseMatch, { minLength: 2, maxLength: 4 }),
    within: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    without: fc.array(fc.record({ event: denseMatch, after: fc.nat(2) }), { maxLength: 3 }),
  })
  .map(({ steps, within, without }) => ({
    kind: 'sequence',
    steps,
    ...(within === undefined ? {} : { within }),
    ...(without.length === 0 ? {} : { without: without.map(({ event, after }) => ({ ...event, after: after % (steps.length - 1) })) }),
  }))
