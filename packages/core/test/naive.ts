import type { Condition, Holding, InSegment } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Json } from '../src/json.ts'
import type { Segment } from '../src/segment.ts'
import { timesOf } from './naive-moments.ts'
import { type Answer, did, isAct, occurrence, passes, someSequence } from './naive-predicates.ts'

/** What a condition means, written down a second time with nothing but loops over the whole history, to hold the engine to. */

export type { Answer }

export interface World {
  /** Those that conditions ask for. */
  readonly segments?: readonly Segment[]
  /** Default 30 minutes. */
  readonly sessionGap?: number
}

/** `history` in any order; only what happened up to `at` counts. */
export function naive(condition: Condition, history: readonly CanonicalEvent[], at: number, world: World = {}): Answer {
  return reader(history, world).answer(condition, at)
}

/** The member that the user is of the segment; undefined while it has not settled on one. */
export function memberOf(segment: Segment, history: readonly CanonicalEvent[], at: number, world: World = {}): string | undefined {
  return reader(history, world).member(segment, at)
}

export interface Reader {
  answer(condition: Condition, at: number): Answer
  member(segment: Segment, at: number): string | undefined
}

/** A time, and how many of the events have happened: those at one time happen one after the other. */
interface Moment {
  readonly at: number
  readonly count: number
}

/** For many questions about one history: what was worked out once is remembered, or a holding in a holding would take forever. */
export function reader(history: readonly CanonicalEvent[], { segments = [], sessionGap = 30 * 60_000 }: World = {}): Reader {
  const all = [...history].sort((a, b) => a.timestamp - b.timestamp || (a.messageId < b.messageId ? -1 : 1))
  const countAt = (at: number) => all.filter((event) => event.timestamp <= at).length
  const answers = new Map<Condition, Map<number, Answer>>()
  const timelines = new Map<Condition, readonly Moment[]>()

  /** After each event in order; and at each time at which something may change by time alone, after all events of that time. */
  function momentsOf(condition: Condition): readonly Moment[] {
    const there = timelines.get(condition)
    if (there !== undefined) return there
    const afterEvents = all.map((event, index) => ({ at: event.timestamp, count: index + 1 }))
    const moments = [...afterEvents, ...timesOf(condition, all, segments).map((at) => ({ at, count: countAt(at) }))]
    moments.sort((a, b) => a.at - b.at || a.count - b.count)
    timelines.set(condition, moments)
    return moments
  }

  function upTo(end: Moment, condition: Condition): readonly Moment[] {
    return [...momentsOf(condition).filter(({ at, count }) => at < end.at || (at === end.at && count < end.count)), end]
  }

  function answer(condition: Condition, moment: Moment): Answer {
    const known = answers.get(condition) ?? new Map<number, Answer>()
    answers.set(condition, known)
    const key = moment.at * 1_000 + moment.count
    const there = known.get(key)
    if (there !== undefined) return there
    const result = work(condition, moment)
    known.set(key, result)
    return result
  }

  function work(condition: Condition, moment: Moment): Answer {
    const events = all.slice(0, moment.count)
    switch (condition.kind) {
      case 'all': {
        const parts = condition.of.map((part) => answer(part, moment))
        return parts.includes('no') ? 'no' : parts.includes('unknown') ? 'unknown' : 'yes'
      }
      case 'any': {
        const parts = condition.of.map((part) => answer(part, moment))
        return parts.includes('yes') ? 'yes' : parts.includes('unknown') ? 'unknown' : 'no'
      }
      case 'not': {
        const inner = answer(condition.of, moment)
        return inner === 'yes' ? 'no' : inner === 'no' ? 'yes' : 'unknown'
      }
      case 'holding':
        return holding(condition, moment)
      case 'did':
        return did(condition, events, moment.at, sessionGap)
      case 'sequence':
        return someSequence(condition, events) ? 'yes' : 'no'
      case 'occurrence':
        return occurrence(condition, events) ? 'yes' : 'no'
      case 'inactive': {
        const last = events.filter(isAct).at(-1)
        return last === undefined ? 'unknown' : moment.at - last.timestamp >= condition.for ? 'yes' : 'no'
      }
      case 'trait': {
        const traits: Record<string, Json | undefined> = {}
        for (const event of events) if (event.type === 'identify') Object.assign(traits, event.traits)
        return passes(condition.test, traits[condition.test.property]) ? 'yes' : 'no'
      }
      case 'inSegment':
        return inSegment(condition, moment)
      case 'otherwise':
        throw new Error('only a segment has an otherwise')
    }
  }

  function holding(condition: Holding, moment: Moment): Answer {
    let value: Answer = 'no'
    for (const now of upTo(moment, condition)) {
      if (answer(condition.until, now) === 'yes') value = 'no'
      else if (value === 'yes' || answer(condition.from, now) === 'yes') value = 'yes'
      else value = answer(condition.from, now)
    }
    return value
  }

  function inSegment(condition: InSegment, moment: Moment): Answer {
    const segment = segments.find(({ id }) => id === condition.segment)
    if (segment === undefined) throw new Error(`there is no segment '${condition.segment}'`)
    const member = memberAt(segment, moment)
    if (member === undefined) return 'unknown'
    if (member !== condition.member) return 'no'
    let since = moment.at
    for (const earlier of upTo(moment, condition).toReversed()) {
      if (memberAt(segment, earlier) !== member) break
      since = earlier.at
    }
    return moment.at >= since + (condition.for ?? 0) ? 'yes' : 'no'
  }

  function memberAt({ members }: Segment, moment: Moment): string | undefined {
    return members.find(({ when }) => {
      if (when.kind !== 'otherwise') return answer(when, moment) === 'yes'
      return members.filter((other) => other.when !== when).every((other) => answer(other.when, moment) === 'no')
    })?.name
  }

  return {
    answer: (condition, at) => answer(condition, { at, count: countAt(at) }),
    member: (segment, at) => memberAt(segment, { at, count: countAt(at) }),
  }
}
