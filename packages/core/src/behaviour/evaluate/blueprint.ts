import type { Did, InSegment, Predicate } from '../ast.ts'
import { anchored } from './anchored.ts'
import { lifetime } from './lifetime.ts'
import { occurrence } from './occurrence.ts'
import type { Blueprint } from './predicate.ts'
import { sequence } from './sequence.ts'
import { sliding } from './sliding.ts'
import { slidingSum } from './sliding-sum.ts'
import { inactive, trait } from './standing.ts'

/** What a predicate needs, and how it is read live. Those that ask for a segment are the engine's own: they hear of no event. */
export function blueprintOf(predicate: Exclude<Predicate, InSegment>): Blueprint {
  switch (predicate.kind) {
    case 'did':
      return did(predicate)
    case 'sequence':
      return sequence(predicate)
    case 'occurrence':
      return occurrence(predicate)
    case 'inactive':
      return inactive(predicate)
    case 'trait':
      return trait(predicate)
  }
}

function did(condition: Did): Blueprint {
  const { window, measure } = condition
  if (window === undefined) return lifetime(condition)
  if (window.anchor !== undefined) return anchored(condition, { length: window.length, anchor: window.anchor })
  return measure.of === 'sum' ? slidingSum(condition, window.length) : sliding(condition, window.length)
}
