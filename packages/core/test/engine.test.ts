import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import { createEngine, type Engine } from '../src/engine/engine.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Profile } from '../src/profile.ts'
import type { Segment } from '../src/segment.ts'
import type { Input } from '../src/store.ts'
import { edges, history, scenario } from './arbitraries.ts'
import { reader } from './naive.ts'

const RUNS = { numRuns: Number(process.env['WAYMARK_RUNS'] ?? 2_000), ...(process.env['WAYMARK_SEED'] ? { seed: Number(process.env['WAYMARK_SEED']) } : {}) }

/** Beside the segments, one per condition whose members are the answers, so that a profile's memberships are the engine's answers. */
function engineFor({ segments, conditions }: { readonly segments: readonly Segment[]; readonly conditions: readonly Condition[] }): Engine {
  const answers = conditions.map(
    (when, index): Segment => ({
      id: `condition ${index}`,
      members: [
        { name: 'yes', when },
        { name: 'no', when: { kind: 'not', of: when } },
      ],
    }),
  )
  return createEngine({ segments: [...segments, ...answers], rules: [], governance: {}, channels: {} })
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
      ? engine.rebuild('u', inOrder(seen), profile === undefined ? [] : [engine.pastOf(profile)], event.receivedAt, 'decide').profile
      : engine.step(profile, 'u', { kind: 'event', event }, event.receivedAt).profile
  }
  return profile
}

function membersOf(engine: Engine, profile: Profile): Record<string, string> {
  return Object.fromEntries(engine.memberships(profile).map(({ segment, member }) => [segment, member]))
}

/** What is stored, without what an array may keep beyond its range. */
function meaning(engine: Engine, profile: Profile | undefined): unknown {
  if (profile === undefined) return undefined
  const at = engine.pastOf(profile).asOf.at
  return JSON.parse(JSON.stringify([engine.pastOf(profile), engine.nextWake(profile) ?? null, engine.read(profile, at)])) as unknown
}

describe('the live reading', () => {
  it('answers as the definition does, at every event, every window edge and a millisecond around each', () => {
    fc.assert(
      fc.property(scenario, history, (asked, events) => {
        const engine = engineFor(asked)
        const naive = reader(events, asked)
        const ordered = inOrder(events)
        let profile: Profile | undefined
        let next = 0
        for (const at of edges(events, asked.conditions, asked.segments)) {
          for (; next < ordered.length && (ordered[next] as CanonicalEvent).timestamp <= at; next += 1) {
            profile = engine.step(profile, 'u', { kind: 'event', event: ordered[next] as CanonicalEvent }, at).profile
          }
          if (profile === undefined) continue
          const ahead = at % 3 === 0 ? membersRead(engine, profile, at) : undefined
          profile = engine.step(profile, 'u', { kind: 'tick', at }, at).profile
          const expected = {
            ...Object.fromEntries(asked.segments.flatMap((segment) => entry(segment.id, naive.member(segment, at)))),
            ...Object.fromEntries(asked.conditions.flatMap((condition, index) => entry(`condition ${index}`, said(naive.answer(condition, at))))),
          }
          expect(membersOf(engine, profile), `at ${at}`).toEqual(expected)
          if (ahead !== undefined) expect(ahead, `read ahead to ${at}`).toEqual(expected)
        }
      }),
      // The parity of all readings holds it to the definitions at many more.
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 4) },
    )
  }, 120_000)

  it('wakes at the moment before which nothing changes, and not again for the same', () => {
    fc.assert(
      fc.property(scenario, history, (asked, events) => {
        const engine = engineFor(asked)
        let profile = run(engine, inOrder(events)) as Profile
        const last = Math.max(...edges(events, asked.conditions, asked.segments))
        for (let wakes = 0; ; wakes += 1) {
          const wake = engine.nextWake(profile)
          if (wake === undefined || wake > last) break
          const { at } = engine.pastOf(profile).asOf
          expect(wake, 'a wake in the past').toBeGreaterThan(at)
          expect(wakes, 'wakes without end').toBeLessThan(500)
          expect(membersRead(engine, profile, wake - 1), 'changed before it woke').toEqual(membersOf(engine, profile))
          profile = engine.step(profile, 'u', { kind: 'tick', at: wake }, wake).profile
        }
        expect(membersRead(engine, profile, last), 'changed after the last wake').toEqual(membersOf(engine, profile))
      }),
      RUNS,
    )
  }, 120_000)

  it('tells every move between members, from the one left to the one entered, and nothing else', () => {
    fc.assert(
      fc.property(scenario, history, (asked, events) => {
        const engine = engineFor(asked)
        const told = new Map<string, string>()
        const ordered = inOrder(events)
        let profile: Profile | undefined
        let next = 0
        for (const at of edges(events, asked.conditions, asked.segments)) {
          const inputs: Input[] = []
          for (; next < ordered.length && (ordered[next] as CanonicalEvent).timestamp <= at; next += 1)
            inputs.push({ kind: 'event', event: ordered[next] as CanonicalEvent })
          if (profile !== undefined || inputs.length > 0) inputs.push({ kind: 'tick', at })
          for (const input of inputs) {
            const step = engine.step(profile, 'u', input as Extract<Input, { kind: 'event' | 'tick' }>, at)
            for (const { profile: id, segment, from, to, at: moment } of step.changes) {
              expect([id, from]).toEqual(['u', told.get(segment)])
              expect(to).not.toBe(from)
              expect(moment).toBeLessThanOrEqual(at)
              if (to === undefined) told.delete(segment)
              else told.set(segment, to)
            }
            profile = step.profile
            expect(Object.fromEntries(told)).toEqual(membersOf(engine, profile))
          }
        }
      }),
      RUNS,
    )
  }, 120_000)

  it('comes to the same profile whatever the order of arrival', () => {
    fc.assert(
      fc.property(scenario, history, fc.infiniteStream(fc.nat()), (asked, events, dice) => {
        const engine = engineFor(asked)
        const shuffled = events.map((event) => ({ event, key: dice.next().value as number })).sort((a, b) => a.key - b.key)
        const arrived = run(
          engine,
          shuffled.map(({ event }) => event),
        )
        expect(meaning(engine, arrived)).toEqual(meaning(engine, run(engine, inOrder(events))))
      }),
      RUNS,
    )
  }, 120_000)

  it('goes on from a stored profile as if it had never been put away', () => {
    fc.assert(
      fc.property(scenario, history, fc.nat(), (asked, events, cut) => {
        const engine = engineFor(asked)
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

  it('is the same after it was packed', () => {
    fc.assert(
      fc.property(scenario, history, fc.integer({ min: -8e15, max: 8e15 }), (asked, events, moved) => {
        const engine = engineFor(asked)
        const there = moved % 3 === 0 ? moved : 0
        const profile = run(engine, inOrder(events.map((event) => ({ ...event, timestamp: event.timestamp + there, receivedAt: event.receivedAt + there }))))
        const unpacked = engine.unpack(engine.pack(profile as Profile))
        const full = { ...(profile as Profile), pages: unpacked.pages.map((page, index) => profile?.pages[index] ?? page) }
        expect(JSON.parse(JSON.stringify(unpacked))).toEqual(JSON.parse(JSON.stringify(full)))
      }),
      RUNS,
    )
  }, 120_000)

  it('leaves the profile it steps from as it was', () => {
    fc.assert(
      fc.property(scenario, history, (asked, events) => {
        const engine = engineFor(asked)
        let profile: Profile | undefined
        for (const event of inOrder(events)) {
          const before = profile === undefined ? undefined : meaning(engine, profile)
          const after = engine.step(profile, 'u', { kind: 'event', event }, event.receivedAt).profile
          // A second step from the same profile goes another way, and neither is seen in the other.
          const other = engine.step(profile, 'u', { kind: 'event', event: { ...event, messageId: `${event.messageId}-other` } }, event.receivedAt).profile
          const [one, two] = [meaning(engine, after), meaning(engine, other)]
          if (profile !== undefined) expect(meaning(engine, profile)).toEqual(before)
          engine.step(other, 'u', { kind: 'event', event: { ...event, messageId: `${event.messageId}-third` } }, event.receivedAt)
          expect([meaning(engine, after), meaning(engine, other)]).toEqual([one, two])
          profile = after
        }
      }),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 4) },
    )
  }, 120_000)
})

function membersRead(engine: Engine, profile: Profile, at: number): Record<string, string> {
  return Object.fromEntries(engine.read(profile, at).segments.flatMap(({ segment, member }) => entry(segment, member)))
}

function said(answer: 'yes' | 'no' | 'unknown'): string | undefined {
  return answer === 'unknown' ? undefined : answer
}

function entry(key: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[key, value]]
}
