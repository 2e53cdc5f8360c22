import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import { createEngine, type Engine } from '../src/engine/engine.ts'
import type { Reading } from '../src/engine/reading.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Evidence } from '../src/evidence.ts'
import type { Past, Profile } from '../src/profile.ts'
import type { Rule } from '../src/rule.ts'
import type { Segment } from '../src/segment.ts'
import { condition, edges, history, scenario } from './arbitraries.ts'
import { length } from './arbitraries-conditions.ts'

/** What may go from the log, held to rebuilds over all of it. */

const RUNS = Number(process.env['WAYMARK_RUNS'] ?? 500)
const MINUTE = 60_000
const START = Date.UTC(2026, 2, 1, 21)

/** Under which ids they may come: what comes under one stays together, but anybody may turn out to be anybody else, and not to be. */
const IDS = [{ userId: 'u' }, { userId: 'v' }, { userId: undefined as never, anonymousId: 'a' }, { userId: undefined as never, anonymousId: 'b' }] as const
const CONTEXTS: readonly CanonicalEvent['context'][] = [
  { timezone: 'Europe/Oslo' },
  { timezone: 'Asia/Tokyo' },
  { consent: { categoryPreferences: { marketing: true } } },
  { consent: { categoryPreferences: { marketing: false, personalization: true } } },
]

/** In the order in which they arrive: a long time, in which windows open and close and sessions come and go. */
const log: fc.Arbitrary<readonly CanonicalEvent[]> = fc
  .array(
    fc.record({
      // Five visits, an hour apart or more.
      minute: fc.tuple(fc.constantFrom(0, 0, 0, 180, 180, 180, 400, 700, 900), fc.integer({ min: 0, max: 12 })).map(([visit, steps]) => visit + steps * 5),
      kind: fc.constantFrom('a', 'a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'page', 'screen', 'identify', 'alias'),
      n: fc.constantFrom(undefined, 0, 1, 1, 2, -1, 0.1),
      p: fc.constantFrom(undefined, null, 'x', 'x', 'y', 'z'),
      id: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, 2, 3),
      context: fc.nat(29),
    }),
    { minLength: 40, maxLength: 100, size: 'max' },
  )
  .map((rows) =>
    rows.map(({ minute, kind, n, p, id, context }, index): CanonicalEvent => {
      const values = { ...(n === undefined ? {} : { n }), ...(p === undefined ? {} : { p }) }
      const type = kind === 'page' || kind === 'identify' || kind === 'alias' ? kind : 'track'
      return {
        type,
        ...(type === 'track' ? { event: kind } : {}),
        messageId: `m${(index * 7_919) % 101}-${index}`,
        ...(IDS[id] as (typeof IDS)[number]),
        timestamp: START + minute * MINUTE,
        receivedAt: START + minute * MINUTE,
        properties: type === 'identify' ? {} : values,
        traits: type === 'identify' ? values : {},
        context: CONTEXTS[context] ?? {},
        integrations: {},
        source: 'test',
      }
    }),
  )

const horizon = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 400, max: 1_400 }) }, { weight: 1, arbitrary: fc.integer({ min: -10, max: 400 }) })
const moment = horizon.map((minutes) => START + minutes * MINUTE)

const inOrder = (events: readonly CanonicalEvent[]) =>
  events.toSorted((a, b) => a.timestamp - b.timestamp || (a.messageId < b.messageId ? -1 : a.messageId > b.messageId ? 1 : 0))
const idOf = ({ userId, anonymousId }: CanonicalEvent) => `${userId}/${anonymousId}`

/** What is left of a log: id by id, in pages of so many. */
function compacted(engine: Engine, log: readonly CanonicalEvent[], horizon: number, page: number): readonly CanonicalEvent[] {
  const gone = new Set<CanonicalEvent>()
  for (const own of Map.groupBy(log, idOf).values()) {
    for (let from = 0; from < own.length; from += page) {
      const events = inOrder(own.slice(from, from + page))
      const needless = engine.needless(events, horizon)
      for (const event of events.filter((_, index) => needless[index])) gone.add(event)
    }
  }
  return log.filter((event) => !gone.has(event))
}

interface Asked {
  readonly segments: readonly Segment[]
  readonly conditions: readonly Condition[]
}

/** Conditions of which most events are of no use to anybody sooner or later: nothing that holds, which needs them all. */
const passing = condition.filter((one) => !JSON.stringify(one).includes('holding'))
const visits: fc.Arbitrary<Condition> = fc
  .record({
    value: fc.integer({ min: 1, max: 4 }),
    sessions: fc.integer({ min: 2, max: 4 }),
    within: fc.option(length, { nil: undefined }),
    isOfUsers: fc.boolean(),
  })
  .map(({ value, sessions, within, isOfUsers }) => ({
    kind: 'did',
    event: 'a',
    where: [],
    measure: { of: 'count' },
    compare: 'atLeast',
    value,
    across: { sessions },
    ...(within === undefined ? {} : { window: { length: within * 4, ...(isOfUsers ? { anchor: 'firstSeen' as const } : {}) } }),
  }))
const barred: fc.Arbitrary<Condition> = fc
  .record({ steps: fc.constantFrom(['a', 'b'], ['a', 'b', 'a'], ['b', 'a']), within: fc.option(length, { nil: undefined }), bar: fc.constantFrom('c', 'a') })
  .map(({ steps, within, bar }) => ({
    kind: 'sequence',
    steps: steps.map((event) => ({ event, where: [] })),
    ...(within === undefined ? {} : { within }),
    without: [{ event: bar, where: [], after: 0 }],
  }))
const holding: fc.Arbitrary<Condition> = fc.record({ kind: fc.constant('holding'), from: passing, until: passing })
const one: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 5, arbitrary: passing },
  { weight: 2, arbitrary: visits },
  { weight: 2, arbitrary: barred },
  { weight: 1, arbitrary: holding },
)

/** One condition or two, and now and then what depends on how long somebody is in a segment. */
const few: fc.Arbitrary<Asked> = fc
  .record({ members: fc.array(one, { minLength: 1, maxLength: 2 }), isExhaustive: fc.boolean(), lasts: fc.option(length, { nil: undefined }), rule: one })
  .map(({ members, isExhaustive, lasts, rule }) => {
    const named = members.map((when, index) => ({ name: `m${index}`, when }))
    const segment: Segment = { id: 's', members: isExhaustive ? [...named, { name: 'rest', when: { kind: 'otherwise' } }] : named }
    const lasting: Condition = { kind: 'inSegment', segment: 's', member: isExhaustive ? 'rest' : 'm0', for: lasts ?? 1 }
    const other: Segment = { id: 't', members: [{ name: 'long', when: lasting }] }
    return { segments: lasts === undefined ? [segment] : [segment, other], conditions: lasts === undefined ? [rule] : [rule, lasting] }
  })

function engineFor({ segments, conditions }: Asked): Engine {
  const rules = conditions.map((when, index): Rule => ({ id: `r${index}`, when, send: { channel: 'c', kind: 'k', content: {} } }))
  return createEngine({ segments, rules, governance: {}, channels: {}, sessionGap: 25 * MINUTE })
}

const nothingAt = (at: number): Past => ({ asOf: { at, tie: '' }, memberships: {}, rules: {}, sends: [] })

/** How somebody stands at a moment by what is known of then; a since from before the horizon is only known to be that. */
function standing(engine: Engine, events: readonly CanonicalEvent[], at: number, from: number) {
  const known = inOrder(events.filter(({ timestamp }) => timestamp <= at))
  const { profile } = engine.rebuild('u', known, [nothingAt(at)], at, 'silent')
  return { profile, reading: told(engine.read(profile, at), from) }
}

function told({ profile, segments, rules }: Reading, from: number): unknown {
  const floor = (since: number | undefined) => (since === undefined ? undefined : Math.max(since, from))
  return {
    profile,
    segments: segments.map((segment) => ({
      ...segment,
      since: floor(segment.since),
      members: segment.members.map(({ evidence, ...member }) => ({ ...member, evidence: withoutTimers(evidence) })),
    })),
    rules: rules.map(({ evidence, ...rule }) => ({ ...rule, since: floor(rule.since), evidence: withoutTimers(evidence) })),
  }
}

/** When a sum that goes up and down is looked at again may differ; what is seen then must not. */
function withoutTimers(evidence: Evidence): unknown {
  return JSON.parse(JSON.stringify(evidence, (key, value: unknown) => (key === 'flipsAt' ? undefined : value)))
}

interface World {
  readonly asked: Asked
  readonly log: readonly CanonicalEvent[]
  /** How much of it had come in by the first time it was compacted, and by the second. */
  readonly first: number
  readonly second: number
  /** The horizons of the two. */
  readonly early: number
  readonly late: number
  readonly page: number
  /** The person who turns out to be some of the ids. */
  readonly isOne: (event: CanonicalEvent) => boolean
}

const world: fc.Arbitrary<World> = fc
  .record({
    asked: fc.oneof({ weight: 9, arbitrary: few }, { weight: 1, arbitrary: scenario }),
    log,
    parts: fc.tuple(fc.nat(100), fc.integer({ min: 60, max: 100 })),
    horizons: fc.tuple(moment, moment),
    page: fc.constantFrom(4, 100, 100, 100, 100),
    who: fc.integer({ min: 1, max: 15 }),
  })
  .map(({ parts, horizons, who, ...rest }) => {
    const [first, second] = parts.map((part) => Math.round((rest.log.length * part) / 100)).sort((a, b) => a - b) as [number, number]
    const [early, late] = horizons.toSorted((a, b) => a - b) as [number, number]
    const ids = IDS.filter((_, index) => (who >> index) & 1).map((id) => idOf(id as CanonicalEvent))
    return { ...rest, first, second, early, late, isOne: (event: CanonicalEvent) => ids.includes(idOf(event)) }
  })

function twoLogs(engine: Engine, { log: all, first, second, early, late, page, isOne }: World) {
  const once = compacted(engine, all.slice(0, first), early, page)
  const twice = compacted(engine, [...once, ...all.slice(first, second)], late, page)
  const left = [...twice, ...all.slice(second)]
  return { all: all.filter(isOne), left: left.filter(isOne), gone: all.length - left.length }
}

describe('a log without what nobody will miss', () => {
  it('reads as the whole log from the horizon on, whatever came in late, and whoever turned out to be whom', () => {
    let gone = 0
    fc.assert(
      fc.property(world, (made) => {
        const engine = engineFor(made.asked)
        const logs = twoLogs(engine, made)
        gone += logs.gone
        if (logs.all.length === 0) return
        const newest = Math.max(...logs.all.map(({ timestamp }) => timestamp))
        const from = Math.min(made.late, newest)
        const moments = edges(logs.all, made.asked.conditions, made.asked.segments).filter((at) => at >= from)
        for (const at of [from, ...moments.filter((_, index) => index % 5 === 0), newest + 3_000 * MINUTE]) {
          const [whole, part] = [standing(engine, logs.all, at, from), standing(engine, logs.left, at, from)]
          expect(part.reading, `at ${at - START}`).toEqual(whole.reading)
        }
      }),
      { numRuns: RUNS },
    )
    expect(gone).toBeGreaterThan(RUNS)
    console.log(gone)
  }, 120_000)

  it('decides what the whole log decides, from a rebuild on', () => {
    fc.assert(
      fc.property(world, history, (made, more) => {
        const engine = engineFor(made.asked)
        const { all, left } = twoLogs(engine, made)
        if (all.length === 0) return
        const start = Math.max(made.late, ...all.map(({ timestamp }) => timestamp))
        const coming = inOrder(more).map((event, index) => ({
          ...event,
          messageId: `n${String(index).padStart(3, '0')}`,
          timestamp: start + event.timestamp - START + 60 * MINUTE,
        }))
        const lived = (log: readonly CanonicalEvent[]) => {
          const decisions: unknown[] = []
          let profile: Profile = engine.rebuild('u', inOrder(log), [nothingAt(start)], start, 'silent').profile
          const take = (step: ReturnType<Engine['step']>) => {
            profile = step.profile
            decisions.push(
              ...step.decisions.map(({ rule, since, at, outcome, cause }) => ({ rule, since, at, outcome, cause })),
              ...step.changes.map(({ segment, from, to, at }) => ({ segment, from, to, at })),
            )
          }
          const ring = (until: number) => {
            for (let wake = engine.nextWake(profile); wake !== undefined && wake <= until; wake = engine.nextWake(profile))
              take(engine.step(profile, 'u', { kind: 'tick', at: wake }, wake))
          }
          for (const event of coming) {
            ring(event.timestamp - 1)
            take(engine.step(profile, 'u', { kind: 'event', event }, event.timestamp))
          }
          ring(start + 10_000 * MINUTE)
          return decisions
        }
        expect(lived(left)).toEqual(lived(all))
      }),
      { numRuns: RUNS },
    )
  }, 120_000)

  it('makes no merge and no late event decide otherwise', () => {
    fc.assert(
      fc.property(world, (made) => {
        const engine = engineFor(made.asked)
        const { all, left } = twoLogs(engine, made)
        if (all.length === 0) return
        // Each id as it stood by itself, when the last of the log came in.
        const at = Math.max(...all.map(({ timestamp }) => timestamp))
        const now = Math.max(at, made.late)
        const alone = (log: readonly CanonicalEvent[]) =>
          [...Map.groupBy(log, idOf).values()].map((own) => engine.pastOf(engine.rebuild('x', inOrder(own), [nothingAt(now)], now, 'silent').profile))
        const decided = (log: readonly CanonicalEvent[]) =>
          engine
            .rebuild('u', inOrder(log), alone(log), now, 'decide')
            .decisions.map(({ rule, outcome }) => `${rule} ${outcome}`)
            .toSorted()
        expect(decided(left)).toEqual(decided(all))
      }),
      { numRuns: RUNS },
    )
  }, 120_000)
})
