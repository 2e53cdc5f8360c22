import type { Condition, Predicate } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Segment } from '../src/segment.ts'

/**
 * Every time at which a condition can change, in order: that of each event, and of each end of a window or wait that began
 * at one. A wait for a membership begins when the membership may have changed, so its ends are counted from all of those times.
 */
export function timesOf(condition: Condition, events: readonly CanonicalEvent[], segments: readonly Segment[]): readonly number[] {
  const times = events.map((event) => event.timestamp)
  const of = (part: Condition) => timesOf(part, events, segments)
  switch (condition.kind) {
    case 'all':
    case 'any':
      return inOrder([...times, ...condition.of.flatMap(of)])
    case 'not':
      return of(condition.of)
    case 'holding':
      return inOrder([...of(condition.from), ...of(condition.until)])
    case 'otherwise':
      return inOrder(times)
    case 'inSegment': {
      const asked = segments.find(({ id }) => id === condition.segment)
      const changes = inOrder(asked?.members.flatMap(({ when }) => of(when)) ?? times)
      return inOrder([...changes, ...changes.map((time) => time + (condition.for ?? 0))])
    }
    default:
      return inOrder([...times, ...times.map((time) => time + lengthOf(condition))])
  }
}

function lengthOf(predicate: Predicate): number {
  switch (predicate.kind) {
    case 'did':
      return predicate.window?.length ?? 0
    case 'sequence':
      return predicate.within ?? 0
    case 'inactive':
      return predicate.for
    default:
      return 0
  }
}

export function inOrder(times: readonly number[]): readonly number[] {
  return [...new Set(times)].sort((a, b) => a - b)
}
