import type { Did } from '../ast.ts'
import { FALSE, TRUE, truthOf, UNKNOWN } from '../truth.ts'
import { compileWhere, triggerOf } from './match.ts'
import { capOf, countsFor, distinguisherOf, spreadsOf } from './measure.ts'
import { NEVER } from './moment.ts'
import { type Newest, newestEvents, newestUnits, newestValues } from './newest.ts'
import { type Blueprint, FIRST_SEEN, type Lists } from './predicate.ts'

/**
 * `did(…).within(W)`: what happened in (t - W, t]. Keeps the newest n events, values, sessions or days, n being what makes the
 * difference: they are all in the window until the oldest of them leaves it. That little was done is unknown until the user has
 * been known for W.
 */
export function sliding(did: Did, length: number): Blueprint {
  const passes = compileWhere(did.where)
  const counts = countsFor(did.measure)
  const parts = [
    { newest: newestOf(did), distinguish: distinguisherOf(did.measure) },
    ...spreadsOf(did).map(({ count, unitOf }) => ({ newest: newestUnits(count), distinguish: unitOf })),
  ]
  const isMost = did.compare === 'atMost'
  const cellsBefore = before(parts.map(({ newest }) => newest.fresh.length))
  const listsBefore = before(parts.map(({ newest }) => newest.lists))

  return {
    fresh: parts.flatMap(({ newest }) => newest.fresh),
    lists: parts.reduce((sum, { newest }) => sum + newest.lists, 0),
    hears: triggerOf([did]),
    initial: isMost ? UNKNOWN : FALSE,
    isEager: isMost,
    isTimed: true,
    at({ cell, list, timer }) {
      const placed = parts.map((part, index) => ({ ...part, cell: cell + (cellsBefore[index] as number), list: list + (listsBefore[index] as number) }))
      const [amount] = placed as [(typeof placed)[number]]

      /** Until when there is as much in the window as makes the difference; in the past when there is not. */
      function reachedUntil(cells: readonly number[], lists: Lists): number {
        let first = amount.newest.nth(cells, amount.cell, lists, amount.list)
        for (let index = 1; index < placed.length; index += 1) {
          const { newest, cell: at, list: from } = placed[index] as (typeof placed)[number]
          first = Math.min(first, newest.nth(cells, at, lists, from))
        }
        return first + length
      }

      return {
        observe(cells, lists, observation) {
          if (!passes(observation.event) || (counts !== undefined && !counts(observation.event))) return false
          for (let index = 0; index < placed.length; index += 1) {
            const { newest, cell: at, list: from, distinguish } = placed[index] as (typeof placed)[number]
            newest.add(cells, at, lists, from, observation.at, distinguish(observation))
          }
          return true
        },
        read(cells, lists, at, { header }) {
          const until = reachedUntil(cells, lists)
          const isReached = at < until
          if (!isMost) {
            cells[timer] = isReached ? until : NEVER
            return truthOf(isReached)
          }
          const known = (header[FIRST_SEEN] as number) + length
          cells[timer] = isReached ? until : at < known ? known : NEVER
          return isReached ? FALSE : at < known ? UNKNOWN : TRUE
        },
        value: (cells, lists, at) => amount.newest.count(cells, amount.cell, lists, amount.list, at - length),
      }
    },
  }
}

function newestOf(did: Did): Newest {
  const most = capOf(did)
  if (did.measure.of === 'distinct') return newestValues(most)
  return did.measure.of === 'count' ? newestEvents(most) : newestUnits(most)
}

/** For each number the sum of those before it. */
export function before(numbers: readonly number[]): readonly number[] {
  let sum = 0
  return numbers.map((number) => {
    sum += number
    return sum - number
  })
}
