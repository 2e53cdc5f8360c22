import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import { createEngine, type Engine } from '../src/engine/engine.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Profile } from '../src/profile.ts'
import { condition, edges, history } from './arbitraries.ts'
import { naive } from './naive.ts'

const RUNS = { numRuns: Number(process.env['WAYMARK_RUNS'] ?? 3_000) }

/** A segment per condition whose members are the three answers, so that a profile's memberships are the engine's answers. */
function engineFor(conditions: readonly Condition[]): Engine {
  return createEngine({
    segments: conditions.map((when, index) => ({
      id: `s${index}`,
      members: [
        { name: 'yes', when },
        { name: 'no', when: { kind: 'not', of: when } },
      ],
    })),
    rules: [],
    governance: {},
    channels: {},
  })
}

function inOrder(events: readonly CanonicalEvent[]): readonly CanonicalEvent[] {
  return [...events].sort((a, b) => a.timestamp - b.timestamp || (a.messageId < b.messageId ? -1 : 1))
}

/** As a host does it: late events rebuild the profile from everything seen so far. */
function run(engine: Engine, events: readonly CanonicalEvent[]): Profile | undefined {
  let profile: Profile | undefined
  const seen: CanonicalEvent[] = []
  for (const event of events) {
    seen.push(event)
    profile = engine.isLate(profile, event)
      ? engine.rebuild('u', inOrder(seen), profile === undefined ? [] : [profile], event.receivedAt, 'decide').profile
      : engine.step(profile, 'u', { kind: 'event', event }, event.receivedAt).profile
  }
  return profile
}

describe('the live reading', () => {
  it('answers as the definition does, at every event, every window edge and a millisecond around each', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), history, (conditions, events) => {
        const engine = engineFor(conditions)
        const ordered = inOrder(events)
        let profile: Profile | undefined
        let next = 0
        for (const at of edges(events, conditions)) {
          for (; next < ordered.length && (ordered[next] as CanonicalEvent).timestamp <= at; next += 1) {
            profile = engine.step(profile, 'u', { kind: 'event', event: ordered[next] as CanonicalEvent }, at).profile
          }
          if (profile === undefined) continue
          profile = engine.step(profile, 'u', { kind: 'tick', at }, at).profile
          const answers = conditions.map((_, index) => profile?.memberships[`s${index}`]?.member ?? 'unknown')
          expect(answers, `at ${at}`).toEqual(conditions.map((each) => naive(each, events, at)))
        }
      }),
      RUNS,
    )
  }, 120_000)

  it('comes to the same profile whatever the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), history, fc.infiniteStream(fc.nat()), (conditions, events, dice) => {
        const engine = engineFor(conditions)
        const shuffled = events.map((event) => ({ event, key: dice.next().value as number })).sort((a, b) => a.key - b.key)
        expect(
          run(
            engine,
            shuffled.map(({ event }) => event),
          ),
        ).toEqual(run(engine, inOrder(events)))
      }),
      RUNS,
    )
  }, 120_000)

  it('goes on from a stored profile as if it had never been put away', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), history, fc.nat(), (conditions, events, cut) => {
        const engine = engineFor(conditions)
        const ordered = inOrder(events)
        const half = cut % ordered.length
        const before = run(engine, ordered.slice(0, half))
        let profile: Profile | undefined = before === undefined ? undefined : (JSON.parse(JSON.stringify(before)) as Profile)
        for (const event of ordered.slice(half)) profile = engine.step(profile, 'u', { kind: 'event', event }, event.receivedAt).profile
        expect(JSON.parse(JSON.stringify(profile))).toEqual(JSON.parse(JSON.stringify(run(engine, ordered))))
      }),
      RUNS,
    )
  }, 120_000)
})
