import type { Inactive, InSegment, TraitIs } from '../ast.ts'
import { FALSE, TRUE, truthOf, UNKNOWN } from '../truth.ts'
import { compileTest } from './match.ts'
import type { Evaluator } from './predicate.ts'

/** Predicates that need no state of their own: the profile holds what they ask for. */

export function inactive(condition: Inactive): Evaluator {
  return {
    hears: 'activity',
    observe: (state) => state,
    truth: (_, at, { lastActiveAt }) => (lastActiveAt === undefined ? UNKNOWN : truthOf(at >= lastActiveAt + condition.for)),
    next(_, at, { lastActiveAt }) {
      if (lastActiveAt === undefined) return undefined
      return at < lastActiveAt + condition.for ? lastActiveAt + condition.for : undefined
    },
    value: () => undefined,
  }
}

export function trait(condition: TraitIs): Evaluator {
  const passes = compileTest(condition.test)
  return {
    hears: 'traits',
    observe: (state) => state,
    truth: (_, __, profile) => truthOf(passes(profile.traits)),
    next: () => undefined,
    value: () => undefined,
  }
}

/** Unknown while the segment has not settled on a member. */
export function inSegment(condition: InSegment): Evaluator {
  const wait = condition.for ?? 0
  return {
    hears: { segment: condition.segment },
    observe: (state) => state,
    truth(_, at, profile) {
      const membership = profile.memberships[condition.segment]
      if (membership === undefined) return UNKNOWN
      if (membership.member !== condition.member) return FALSE
      return at >= membership.since + wait ? TRUE : FALSE
    },
    next(_, at, profile) {
      const membership = profile.memberships[condition.segment]
      if (membership?.member !== condition.member) return undefined
      return at < membership.since + wait ? membership.since + wait : undefined
    },
    value: () => undefined,
  }
}
