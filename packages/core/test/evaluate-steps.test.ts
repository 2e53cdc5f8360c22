import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventMatch, Inactive, Occurrence, PropertyTest, Sequence, TraitIs } from '../src/behaviour/ast.ts'
import { NEVER, NONE } from '../src/behaviour/evaluate/moment.ts'
import { FALSE, TRUE, type Truth, UNKNOWN } from '../src/behaviour/truth.ts'
import type { CanonicalEvent } from '../src/event.ts'
import { denseHistory, denseMatch, denseSequence, eventOf, SESSION_GAP } from './arbitraries-dense.ts'
import { live } from './live.ts'
import { naive } from './naive.ts'
import { isAct, matches, someSequence } from './naive-predicates.ts'

/** Sequences, first and newest events, silence and traits, read live, held to the definition. */

const RUNS = Number(process.env['WAYMARK_RUNS'] ?? 1_000)
const TRUTHS: Record<ReturnType<typeof naive>, Truth> = { yes: TRUE, no: FALSE, unknown: UNKNOWN }

type Events = readonly CanonicalEvent[]

/** The furthest step that some events in order have come to, and stand at: nothing that must not follow it has followed. */
function stepsDone(condition: Sequence, events: Events): number {
  const { steps, without = [] } = condition
  if (someSequence(condition, events)) return steps.length
  const isReached = (count: number) =>
    events.some((last, index) => {
      const after = without.filter((exclusion) => exclusion.after === count - 1)
      if (events.slice(index + 1).some((event) => after.some((exclusion) => matches(exclusion, event)))) return false
      const step = steps[count - 1] as EventMatch
      const marked = { ...last, properties: { ...last.properties, isLast: true } }
      const upTo = {
        ...condition,
        steps: [...steps.slice(0, count - 1), { ...step, where: [...step.where, { property: 'isLast', is: 'exists', value: true } as const] }],
        without: without.filter((exclusion) => exclusion.after < count - 1),
      }
      return someSequence(upTo, [...events.slice(0, index), marked])
    })
  let count = steps.length - 1
  while (count > 0 && !isReached(count)) count -= 1
  return count
}

describe('a sequence, read live', () => {
  it('is done when the definition says so, and tells how far it has come', () => {
    fc.assert(
      fc.property(denseSequence, denseHistory(14), (condition, events) => {
        const reading = live(condition, SESSION_GAP, NONE)
        let version = reading.start
        expect(reading.read(version, 0)).toEqual({ truth: FALSE, wake: NEVER, value: 0 })
        expect(reading.blueprint.fresh).toHaveLength(condition.steps.length - 1)
        for (const [index, event] of events.entries()) {
          const wasDone = version.truth === TRUE
          version = reading.step(version, event)
          const seen = events.slice(0, index + 1)
          const truth = someSequence(condition, seen) ? TRUE : FALSE
          expect(reading.read(version, event.timestamp), `after event ${index}`).toEqual({ truth, wake: NEVER, value: stepsDone(condition, seen) })
          const isPart = [...condition.steps, ...(condition.without ?? [])].some((match) => matches(match, event))
          if (wasDone || !isPart) expect(version.isConcerned, `event ${index} is no concern of it`).toBe(false)
        }
        expect([reading.blueprint.isEager, reading.blueprint.isTimed]).toEqual([false, false])
      }),
      { numRuns: RUNS },
    )
  }, 120_000)

  it('is concerned only by what moves it', () => {
    const step = (event: string) => ({ event, where: [] })
    const without = ['c', 'd'].map((event, after) => ({ ...step(event), after }))
    const condition: Sequence = { kind: 'sequence', steps: ['a', 'b', 'e'].map(step), within: 5, without }
    const reading = live(condition, SESSION_GAP)
    const concerns = (text: string) => {
      let version = reading.start
      return [...text].map((event, at) => {
        version = reading.step(version, eventOf(event, at, at))
        return version.isConcerned
      })
    }
    expect(concerns('bdcaca')).toEqual([false, false, false, true, true, true])
    expect(concerns('acb')).toEqual([true, true, false])
    expect(concerns('axdbxd')).toEqual([true, false, false, true, false, true])
    expect(concerns('axxxxb')).toEqual([true, false, false, false, false, false])
    expect(concerns('axxbeabe')).toEqual([true, false, false, true, true, false, false, false])
  })
})

const test: fc.Arbitrary<PropertyTest> = fc.constantFrom<PropertyTest>(
  { property: 'n', is: 'gt', value: 1 },
  { property: 'n', is: 'exists', value: false },
  { property: 'p', is: 'eq', value: 'x' },
  { property: 'p', is: 'ne', value: 'x' },
)

describe('what stands, read live', () => {
  it('is the first or the newest event, held to its test', () => {
    fc.assert(
      fc.property(fc.constantFrom<Occurrence['which']>('first', 'last'), denseMatch, test, denseHistory(20), (which, match, held, events) => {
        const condition: Occurrence = { kind: 'occurrence', which, match, test: held }
        const reading = live(condition, SESSION_GAP)
        let version = reading.start
        for (const [index, event] of events.entries()) {
          const wasThere = events.slice(0, index).some((earlier) => matches(match, earlier))
          version = reading.step(version, event)
          const truth = TRUTHS[naive(condition, events.slice(0, index + 1), event.timestamp)]
          expect(reading.read(version, event.timestamp)).toEqual({ truth, wake: NEVER, value: undefined })
          expect(version.isConcerned).toBe(matches(match, event) && !(which === 'first' && wasThere))
        }
        expect([reading.blueprint.initial, reading.blueprint.isEager, reading.blueprint.isTimed]).toEqual([FALSE, false, false])
      }),
      { numRuns: RUNS },
    )
  })

  it('is silence from so long after the newest activity on, unknown before the first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), denseHistory(30), (length, events) => {
        const condition: Inactive = { kind: 'inactive', for: length }
        const reading = live(condition, SESSION_GAP)
        let version = reading.start
        expect(reading.read(version, 0).truth).toBe(UNKNOWN)
        for (const [index, event] of events.entries()) {
          version = reading.step(version, event)
          const seen = events.slice(0, index + 1)
          const last = seen.findLast(isAct)?.timestamp
          const next = Math.min(events[index + 1]?.timestamp ?? NEVER, event.timestamp + 15)
          for (let at = event.timestamp; at < next; at += 1) {
            const wake = last === undefined || at >= last + length ? NEVER : last + length
            expect(reading.read(version, at)).toEqual({ truth: TRUTHS[naive(condition, seen, at)], wake, value: undefined })
          }
          // Read at a moment for itself it says the same, whoever has not been active yet among them.
          expect(reading.look(version, event.timestamp)).toBe(TRUTHS[naive(condition, seen, event.timestamp)])
          expect(version.isConcerned).toBe(isAct(event))
        }
        expect([reading.blueprint.isEager, reading.blueprint.isTimed]).toEqual([false, true])
      }),
      { numRuns: RUNS },
    )
  })

  it('is what is said of the user', () => {
    fc.assert(
      fc.property(test, denseHistory(20), (held, events) => {
        const condition: TraitIs = { kind: 'trait', test: held }
        const reading = live(condition, SESSION_GAP)
        let version = reading.start
        expect(reading.read(version, 0).truth).toBe(TRUTHS[naive(condition, [], 0)])
        for (const [index, event] of events.entries()) {
          version = reading.step(version, event)
          const truth = TRUTHS[naive(condition, events.slice(0, index + 1), event.timestamp)]
          expect(reading.read(version, event.timestamp)).toEqual({ truth, wake: NEVER, value: undefined })
          expect(version.isConcerned).toBe(event.type === 'identify')
        }
        expect([reading.blueprint.isEager, reading.blueprint.isTimed]).toEqual([false, false])
      }),
      { numRuns: RUNS },
    )
  })
})
