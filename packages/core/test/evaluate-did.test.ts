import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Did } from '../src/behaviour/ast.ts'
import { NEVER } from '../src/behaviour/evaluate/moment.ts'
import { FALSE, TRUE, type Truth, UNKNOWN } from '../src/behaviour/truth.ts'
import type { CanonicalEvent } from '../src/event.ts'
import { denseDid, denseHistory, eventOf, SESSION_GAP, waveringSum } from './arbitraries-dense.ts'
import { live, type Said, type Version } from './live.ts'
import { inOrder, timesOf } from './naive-moments.ts'
import { amountOf, counted, did, matches } from './naive-predicates.ts'

/** Each way of counting, read live through much more than its window holds, held to the definition. */

const DAY = 86_400_000
const RUNS = Number(process.env['WAYMARK_RUNS'] ?? 400)
const TRUTHS: Record<ReturnType<typeof did>, Truth> = { yes: TRUE, no: FALSE, unknown: UNKNOWN }

function truthAt(condition: Did, events: readonly CanonicalEvent[], at: number): Truth {
  return TRUTHS[did(condition, events, at, SESSION_GAP)]
}

/** Of what is counted it tells no more than it takes to answer. */
function valueAt(condition: Did, events: readonly CanonicalEvent[], at: number): number {
  const amount = amountOf(condition, events, at, SESSION_GAP)
  return condition.measure.of === 'sum' ? amount : Math.min(amount, condition.compare === 'atLeast' ? condition.value : condition.value + 1)
}

/** A sum that goes up and down is looked at again after what was done at so many moments has left it, if nothing turned it before. */
const LOOKAHEAD = 32

/** When time alone next changes it. */
function wakeAt(condition: Did, events: readonly CanonicalEvent[], at: number): number {
  const now = truthAt(condition, events, at)
  const turns = timesOf(condition, events, []).find((time) => time > at && truthAt(condition, events, time) !== now) ?? NEVER
  const { window, measure } = condition
  if (measure.of !== 'sum' || window === undefined || window.anchor !== undefined) return turns
  const inWindow = counted(condition, events, { from: at - window.length + 1, to: NEVER })
  const looked = inOrder(inWindow.map(({ timestamp }) => timestamp + window.length))[LOOKAHEAD - 1]
  const goesDown = inWindow.some(({ properties }) => (properties['n'] as number) < 0)
  if (!goesDown || looked === undefined) return turns
  // Without the sessions and days asked for there is nothing to look for.
  const anySum: Did = { ...condition, compare: 'atLeast', value: -1e15 }
  const isSpread = truthAt(anySum, events, at) === TRUE && truthAt(anySum, events, looked) === TRUE
  return isSpread ? Math.min(turns, looked) : turns
}

function saidAt(condition: Did, events: readonly CanonicalEvent[], at: number): Said {
  return { truth: truthAt(condition, events, at), wake: wakeAt(condition, events, at), value: valueAt(condition, events, at) }
}

/** Whether the event can be any concern of it. */
function isConcern(condition: Did, event: CanonicalEvent): boolean {
  const anchor = condition.window?.anchor
  if (anchor !== undefined) return matches(condition, event) || (anchor !== 'firstSeen' && matches(anchor, event))
  return counted(condition, [event], { from: event.timestamp, to: NEVER }).length > 0
}

function over(more: Partial<Did>): Did {
  return { kind: 'did', event: 'a', where: [], measure: { of: 'count' }, compare: 'atLeast', value: 2, ...more }
}

function after(condition: Did, events: readonly CanonicalEvent[]): Said {
  const reading = live(condition, SESSION_GAP)
  const version = events.reduce((before, event) => reading.step(before, event), reading.start)
  return reading.read(version, (events.at(-1) as CanonicalEvent).timestamp)
}

/** Read after every event, and now and then at every edge until the next one. */
function isAsDefined(condition: Did, events: readonly CanonicalEvent[], offset: number): void {
  const reading = live(condition, SESSION_GAP)
  let version = reading.start
  for (const [index, event] of events.entries()) {
    version = reading.step(version, event)
    const seen = events.slice(0, index + 1)
    const at = event.timestamp
    expect(reading.read(version, at), `after event ${index}`).toEqual(saidAt(condition, seen, at))
    if (version.isConcerned) expect(isConcern(condition, event), `event ${index} is no concern of it`).toBe(true)
    if ((index + offset) % 7 !== 0 && index < events.length - 1) continue
    const next = events[index + 1]?.timestamp ?? Number.POSITIVE_INFINITY
    const edges = timesOf(condition, seen, []).flatMap((time) => [time - 1, time, time + 1])
    for (const time of inOrder(edges).filter((edge) => edge > at && edge < next))
      expect(reading.read(version, time), `${time - at} ms after event ${index}`).toEqual(saidAt(condition, seen, time))
  }
}

describe('an amount, read live', () => {
  it('is what the definition says after every event and at every edge, and tells when it next changes and how much there is', () => {
    fc.assert(fc.property(denseDid, denseHistory(60), fc.nat(6), isAsDefined), { numRuns: RUNS })
  }, 120_000)

  it('is what the definition says of sums that go up and down', () => {
    fc.assert(
      fc.property(waveringSum, fc.nat(6), ([condition, events], offset) => isAsDefined(condition, events, offset)),
      { numRuns: RUNS },
    )
  }, 120_000)

  it('keeps the sessions and the days that a sum is spread over apart', () => {
    const condition = over({ measure: { of: 'sum', property: 'n' }, value: 1, across: { sessions: 12, days: 9 }, window: { length: 15 * DAY } })
    const days = [0, 0, 1, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8, 9, 9, 12, 13, 14, 14, 19, 20, 21]
    const events = days.map((day, index) => eventOf('a', day * DAY + index * 10, index, { n: 1 }))
    isAsDefined(condition, events, 0)
  })

  it('is at first what it is before anything happened, and says whether time, and being seen, can change it', () => {
    fc.assert(
      fc.property(denseDid, (condition) => {
        const { initial, isTimed, isEager } = live(condition, SESSION_GAP).blueprint
        const { window, compare } = condition
        const isSliding = window !== undefined && window.anchor === undefined
        const before = truthAt(condition, [], 0)
        // That little was done is unknown of somebody whom nobody knows yet.
        expect(initial).toBe(isSliding && compare === 'atMost' && before === TRUE ? UNKNOWN : before)
        expect(isTimed).toBe(window !== undefined)
        expect(isEager).toBe(window?.anchor === 'firstSeen' || (isSliding && compare === 'atMost'))
      }),
      { numRuns: RUNS },
    )
  })

  it('is looked at again at the exact moment once the last negative amount has left, and before that after thirty-two moments', () => {
    const sum = over({ measure: { of: 'sum', property: 'n' }, value: 10, window: { length: 60 } })
    const rising = (first: number) => Array.from({ length: 100 }, (_, at) => eventOf('a', at, at, { n: at === 0 ? first : at < 3 ? 0 : 1 }))
    // 51 of the newest 60 have to leave: the first of those 10 that are left at the end was done at 90.
    expect(after(sum, rising(-1))).toEqual({ truth: TRUE, wake: 90 + 60, value: 60 })
    expect(after(sum, rising(-1).slice(0, 50))).toEqual({ truth: TRUE, wake: 31 + 60, value: 46 })
  })

  it('is not woken for a sum that is reached when it is no longer spread out', () => {
    const sum = over({ measure: { of: 'sum', property: 'n' }, value: 3, across: { sessions: 2 }, window: { length: 10 } })
    const events = [eventOf('a', 0, 0, { n: -5 }), eventOf('a', 4, 1, { n: 3 })]
    expect(after(sum, events)).toEqual({ truth: FALSE, wake: NEVER, value: -2 })
  })

  it('takes in what happened at the moment of its anchor, and nothing of before', () => {
    const window = { length: 10, anchor: { event: 'b', where: [] } }
    const events = (...kinds: readonly [string, number, string][]) => kinds.map(([kind, at, p], index) => eventOf(kind, at, index, { p }))
    const [twice, different] = [over({ window }), over({ measure: { of: 'distinct', property: 'p' }, window })]
    expect(after(twice, events(['a', 1, 'x'], ['a', 1, 'x'], ['b', 1, 'x']))).toEqual({ truth: TRUE, wake: NEVER, value: 2 })
    expect(after(twice, events(['a', 0, 'x'], ['a', 1, 'x'], ['b', 1, 'x']))).toEqual({ truth: UNKNOWN, wake: 11, value: 1 })
    expect(after(different, events(['a', 0, 'x'], ['a', 1, 'y'], ['b', 1, 'x']))).toEqual({ truth: UNKNOWN, wake: 11, value: 1 })
    expect(after(different, events(['a', 1, 'x'], ['a', 1, 'y'], ['b', 1, 'x']))).toEqual({ truth: TRUE, wake: NEVER, value: 2 })
  })

  it('is no concern of it any more once there is enough for good', () => {
    const reading = live(over({}), SESSION_GAP)
    let version = reading.start
    const concerns = [0, 1, 2].map((at) => {
      version = reading.step(version, eventOf('a', at, at))
      return version.isConcerned
    })
    expect(concerns).toEqual([true, true, false])
  })

  it('leaves every version as it was, whatever is made of it', () => {
    fc.assert(
      fc.property(denseDid, denseHistory(140), (condition, events) => {
        const reading = live(condition, SESSION_GAP)
        const kept: { readonly version: Version; readonly at: number; readonly said: Said }[] = []
        let version = reading.start
        for (const [index, event] of events.entries()) {
          version = reading.step(version, event)
          const at = event.timestamp
          if (index % 5 === 0) kept.push({ version, at, said: reading.read(version, at) })
          // Two steps another way from here, and one from a version before.
          const other = { ...event, properties: { n: 1.5, p: 'other' } }
          reading.step(reading.step(version, other), other)
          const older = kept.at(-1 - (index % 3))
          if (older !== undefined) reading.step(older.version, other)
        }
        for (const { version: old, at, said } of kept) expect(reading.read(old, at)).toEqual(said)
        const { timestamp } = events.at(-1) as CanonicalEvent
        expect(reading.read(version, timestamp)).toEqual(saidAt(condition, events, timestamp))
      }),
      { numRuns: Math.ceil(RUNS / 2) },
    )
  }, 120_000)
})
