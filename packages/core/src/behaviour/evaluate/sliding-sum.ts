import type { Did } from '../ast.ts'
import { FALSE, TRUE, truthOf, UNKNOWN } from '../truth.ts'
import { compileWhere, propertyOf, triggerOf } from './match.ts'
import { isAmount, spreadsOf } from './measure.ts'
import { NEVER } from './moment.ts'
import { newestUnits } from './newest.ts'
import { type Blueprint, FIRST_SEEN, type Lists } from './predicate.ts'
import { RUNNING_SUM, runningSum } from './running-sum.ts'
import { before } from './sliding.ts'

/** `did(…).sum(p).within(W)`: keeps moment and amount of every event in the window, as many as there are, and their running sum. */
export function slidingSum(did: Did, length: number): Blueprint {
  const { measure } = did
  const property = measure.of === 'sum' ? measure.property : ''
  const passes = compileWhere(did.where)
  const isMost = did.compare === 'atMost'
  const isReachedByNothing = isMost ? did.value < 0 : did.value <= 0
  const spreads = spreadsOf(did).map(({ count, unitOf }) => ({ newest: newestUnits(count), unitOf }))
  const cellsBefore = before(spreads.map(({ newest }) => newest.fresh.length))
  const listsBefore = before(spreads.map(({ newest }) => newest.lists))

  return {
    fresh: [...RUNNING_SUM, ...spreads.flatMap(({ newest }) => newest.fresh)],
    lists: 1 + spreads.reduce((sum, { newest }) => sum + newest.lists, 0),
    hears: triggerOf([did]),
    initial: isMost ? (isReachedByNothing ? FALSE : UNKNOWN) : truthOf(isReachedByNothing && spreads.length === 0),
    isEager: isMost,
    isTimed: true,
    at({ cell, list, timer }) {
      const sum = runningSum(cell, list, length, did.value, isMost)
      const placed = spreads.map((spread, index) => ({
        ...spread,
        cell: cell + RUNNING_SUM.length + (cellsBefore[index] as number),
        list: list + 1 + (listsBefore[index] as number),
      }))

      /** Until when the events lie in the sessions and days asked for. */
      function spreadUntil(cells: readonly number[], lists: Lists): number {
        let first = NEVER
        for (const { newest, cell: at, list: from } of placed) first = Math.min(first, newest.nth(cells, at, lists, from) + length)
        return first
      }

      return {
        observe(cells, lists, observation) {
          const { event, at } = observation
          if (!passes(event)) return false
          const amount = propertyOf(event.properties, property)
          if (!isAmount(amount)) return false
          sum.add(cells, lists, at, amount)
          for (const part of placed) part.newest.add(cells, part.cell, lists, part.list, at, part.unitOf(observation))
          return true
        },
        read(cells, lists, at, { header }) {
          const isReached = sum.isReached(cells, lists[list], at)
          const turns = sum.turnsAt(cells, lists[list], at)
          if (isMost) {
            const known = (header[FIRST_SEEN] as number) + length
            cells[timer] = isReached || at >= known ? turns : Math.min(turns, known)
            return isReached ? FALSE : at < known ? UNKNOWN : TRUE
          }
          // Without the sessions and days asked for it is false whatever the sum, and time alone brings no more of them.
          const spread = spreadUntil(cells, lists)
          const isSpread = at < spread
          cells[timer] = !isSpread ? NEVER : isReached ? Math.min(turns, spread) : turns < spread ? turns : NEVER
          return truthOf(isReached && isSpread)
        },
        value: (cells, lists, at) => sum.value(cells, lists[list], at),
      }
    },
  }
}
