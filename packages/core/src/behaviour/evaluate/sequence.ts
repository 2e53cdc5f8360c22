import type { CanonicalEvent } from '../../event.ts'
import type { Sequence } from '../ast.ts'
import { FALSE, truthOf } from '../truth.ts'
import { compileMatch, triggerOf } from './match.ts'
import { NEVER, NONE } from './moment.ts'
import type { Blueprint } from './predicate.ts'

/** In the first cell: the last step was done in time. */
const DONE = NEVER

/**
 * The steps in order. Of all paths that reached a step only the one that began last can still win, so one start per step but the
 * last is enough to be exact: those are the cells. Steps are tried last to first, since one event fills one step of a path. What
 * must not happen after a step ends all paths that stand at it, but not the one that this very event brings there.
 */
export function sequence(condition: Sequence): Blueprint {
  const { steps, without = [] } = condition
  const matchesStep = steps.map(compileMatch)
  const matchesNot = without.map((match) => ({ after: match.after, matches: compileMatch(match) }))
  const last = steps.length - 1
  function isBarred(step: number, event: CanonicalEvent): boolean {
    for (const { after, matches } of matchesNot) if (after === step && matches(event)) return true
    return false
  }
  const within = condition.within ?? Number.POSITIVE_INFINITY
  return {
    fresh: steps.slice(1).map(() => NONE),
    lists: 0,
    hears: triggerOf([...steps, ...without]),
    initial: FALSE,
    isEager: false,
    isTimed: false,
    at: ({ cell }) => ({
      observe(cells, _, { event, at }) {
        if (cells[cell] === DONE) return false
        let isConcerned = false
        for (let step = last; step >= 0; step -= 1) {
          const start = step === 0 ? at : (cells[cell + step - 1] as number)
          if (step < last && cells[cell + step] !== NONE && isBarred(step, event)) {
            cells[cell + step] = NONE
            isConcerned = true
          }
          if (start === NONE || at - start >= within || !matchesStep[step]?.(event)) continue
          isConcerned = true
          cells[cell + (step === last ? 0 : step)] = step === last ? DONE : start
          if (step === last) return true
        }
        return isConcerned
      },
      read: (cells) => truthOf(cells[cell] === DONE),
      value(cells) {
        if (cells[cell] === DONE) return steps.length
        let reached = last
        while (reached > 0 && cells[cell + reached - 1] === NONE) reached -= 1
        return reached
      },
    }),
  }
}
