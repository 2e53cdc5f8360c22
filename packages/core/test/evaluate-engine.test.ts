import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import { FALSE, TRUE, type Truth, UNKNOWN } from '../src/behaviour/truth.ts'
import { createEngine, type Engine } from '../src/engine/engine.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Fact } from '../src/evidence.ts'
import type { Profile } from '../src/profile.ts'
import { denseDid, denseHistory, denseSequence, SESSION_GAP } from './arbitraries-dense.ts'
import { naive } from './naive.ts'
import { inOrder, timesOf } from './naive-moments.ts'

/** Many conditions in one profile, each with cells and lists of its own, through dense histories. */

const RUNS = Number(process.env['WAYMARK_RUNS'] ?? 400)
const TRUTHS: Record<ReturnType<typeof naive>, Truth> = { yes: TRUE, no: FALSE, unknown: UNKNOWN }

function engineFor(conditions: readonly Condition[]): Engine {
  const segments = conditions.map((when, index) => ({ id: `s${index}`, members: [{ name: 'yes', when }] }))
  return createEngine({ segments, rules: [], governance: {}, channels: {}, sessionGap: SESSION_GAP })
}

function factsAt(engine: Engine, profile: Profile, at: number): readonly Fact[] {
  return engine.read(profile, at).segments.flatMap(({ members }) => members.map(({ evidence }) => evidence as Fact))
}

const several: fc.Arbitrary<readonly Condition[]> = fc.array(fc.oneof<fc.Arbitrary<Condition>[]>(denseDid, denseDid, denseDid, denseSequence), {
  minLength: 2,
  maxLength: 12,
})

describe('many conditions in one profile', () => {
  it('are each what the definition says, ticks or not, and are woken for when the first of them changes', () => {
    fc.assert(
      fc.property(several, denseHistory(12), fc.boolean(), (conditions, events, isTicked) => {
        const engine = engineFor(conditions)
        const truthsAt = (seen: readonly CanonicalEvent[], at: number) => conditions.map((one) => TRUTHS[naive(one, seen, at, { sessionGap: SESSION_GAP })])
        let profile: Profile | undefined
        for (const [index, event] of events.entries()) {
          profile = engine.step(profile, 'u', { kind: 'event', event }, event.timestamp).profile
          const seen = events.slice(0, index + 1)
          const at = event.timestamp
          const next = events[index + 1]?.timestamp ?? Number.POSITIVE_INFINITY
          const edges = inOrder(conditions.flatMap((one) => timesOf(one, seen, [])).flatMap((time) => [time - 1, time])).filter(
            (time) => time >= at && time < next,
          )
          let before = truthsAt(seen, at)
          for (const time of edges) {
            const truths = truthsAt(seen, time)
            const facts = factsAt(engine, profile, time)
            expect(
              facts.map(({ truth }) => truth),
              `${time - at} ms after event ${index}`,
            ).toEqual(truths)
            if (!isTicked) continue
            const wake = engine.nextWake(profile) ?? Number.POSITIVE_INFINITY
            if (time > at && truths.some((truth, place) => truth !== before[place])) expect(wake).toBe(time)
            else expect(time === at || wake >= time).toBe(true)
            profile = engine.step(profile, 'u', { kind: 'tick', at: time }, time).profile
            const flips = factsAt(engine, profile, time).flatMap(({ flipsAt }) => flipsAt ?? [])
            expect(engine.nextWake(profile)).toBe(flips.length === 0 ? undefined : Math.min(...flips))
            before = truths
          }
        }
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    )
  }, 120_000)

  it('stay what they were in a profile that is kept aside', () => {
    fc.assert(
      fc.property(several, denseHistory(120), (conditions, events) => {
        const engine = engineFor(conditions)
        const kept: { readonly profile: Profile; readonly at: number; readonly facts: readonly Fact[] }[] = []
        let profile: Profile | undefined
        for (const [index, event] of events.entries()) {
          profile = engine.step(profile, 'u', { kind: 'event', event }, event.timestamp).profile
          if (index % 9 === 0) kept.push({ profile, at: event.timestamp, facts: factsAt(engine, profile, event.timestamp) })
          engine.step(profile, 'u', { kind: 'event', event: { ...event, properties: { n: 2, p: 'other' } } }, event.timestamp)
        }
        for (const { profile: old, at, facts } of kept) expect(factsAt(engine, old, at)).toEqual(facts)
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    )
  }, 120_000)
})
