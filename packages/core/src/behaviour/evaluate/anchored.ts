import type { Did, Window } from '../ast.ts'
import { FALSE, TRUE, UNKNOWN } from '../truth.ts'
import { compileMatch, triggerOf } from './match.ts'
import { NEVER, NONE } from './moment.ts'
import { type Blueprint, type Facts, FIRST_SEEN, type List } from './predicate.ts'
import { tallyOf } from './tally.ts'

/**
 * `did(…).within(W).of(anchor)`: counts what happens in [a, a + W), a being the first anchor event, or the profile's first event.
 * Unknown without an anchor, and while the window is open and the amount is not reached. Cells: when it opened; before that, the
 * moment the tally is of, since an anchor takes in what happened at its own moment; then the tally.
 */
export function anchored(did: Did, { length, anchor }: Window & { readonly anchor: NonNullable<Window['anchor']> }): Blueprint {
  const matches = compileMatch(did)
  const isFirstSeen = anchor === 'firstSeen'
  const opens = isFirstSeen ? () => false : compileMatch(anchor)
  const tally = tallyOf(did)
  const whenReached = did.compare === 'atLeast' ? TRUE : FALSE
  const whenClosed = did.compare === 'atLeast' ? FALSE : TRUE

  return {
    fresh: [NONE, NONE, ...tally.fresh],
    lists: tally.lists,
    hears: triggerOf(isFirstSeen ? [did] : [did, anchor]),
    initial: UNKNOWN,
    isEager: isFirstSeen,
    isTimed: true,
    at({ cell, list, timer }) {
      const openedAt = (cells: readonly number[], facts: Facts) => (isFirstSeen ? facts.header[FIRST_SEEN] : cells[cell]) as number
      const before = cell + 1
      const counted = cell + 2

      function startAnew(cells: number[], lists: (List | null)[], at: number): void {
        for (let index = 0; index < tally.fresh.length; index += 1) cells[counted + index] = tally.fresh[index] as number
        if (tally.lists > 0) lists[list] = null
        cells[before] = at
      }

      return {
        observe(cells, lists, observation, facts) {
          const { event, at } = observation
          const opened = openedAt(cells, facts)
          if (opened !== NONE) return at < opened + length && matches(event) && tally.add(cells, counted, lists, list, observation)
          const isOpening = opens(event)
          const isCounted = matches(event)
          if (!isOpening && !isCounted) return false
          if (cells[before] !== at) startAnew(cells, lists, at)
          if (isOpening) cells[cell] = at
          if (isCounted) tally.add(cells, counted, lists, list, observation)
          return true
        },
        read(cells, _, at, facts) {
          const opened = openedAt(cells, facts)
          if (opened === NONE) return UNKNOWN
          const isReached = tally.reached(cells, counted)
          const isOpen = at < opened + length
          cells[timer] = isReached || !isOpen ? NEVER : opened + length
          return isReached ? whenReached : isOpen ? UNKNOWN : whenClosed
        },
        value: (cells, _, __, facts) => (openedAt(cells, facts) === NONE ? 0 : tally.amount(cells, counted)),
      }
    },
  }
}
