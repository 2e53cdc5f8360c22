import type { Inactive, TraitIs } from '../ast.ts'
import { truthOf, UNKNOWN } from '../truth.ts'
import { compileTest } from './match.ts'
import { NEVER, NONE } from './moment.ts'
import { type Blueprint, LAST_ACTIVE } from './predicate.ts'

/** Predicates that keep nothing of their own: the profile knows what they ask for. They are concerned by all that they hear of. */

export function inactive({ for: length }: Inactive): Blueprint {
  return {
    fresh: [],
    lists: 0,
    hears: 'activity',
    initial: UNKNOWN,
    isEager: false,
    isTimed: true,
    at: ({ timer }) => ({
      observe: () => true,
      read(cells, _, at, { header }) {
        const last = header[LAST_ACTIVE] as number
        if (last === NONE) return UNKNOWN
        const isInactive = at >= last + length
        cells[timer] = isInactive ? NEVER : last + length
        return truthOf(isInactive)
      },
      value: () => undefined,
    }),
  }
}

export function trait({ test }: TraitIs): Blueprint {
  const passes = compileTest(test)
  return {
    fresh: [],
    lists: 0,
    hears: 'traits',
    initial: truthOf(passes({})),
    isEager: false,
    isTimed: false,
    at: () => ({
      observe: () => true,
      read: (_, __, ___, { traits }) => truthOf(passes(traits)),
      value: () => undefined,
    }),
  }
}
