import type { Did } from '../ast.ts'
import { addDecimal, compareDecimal, decimalOf, numberOf } from './decimal.ts'
import { propertyOf } from './match.ts'
import { capOf, countsFor, distinguisherOf, spreadsOf } from './measure.ts'
import { NONE } from './moment.ts'
import type { List, Observation } from './predicate.ts'

/** A running amount that nothing leaves. Constant for a count or sum; for distinct the values it tells apart, until they are enough. */
export interface Tally {
  readonly fresh: readonly number[]
  readonly lists: number
  /** Whether the event changed it. */
  add(cells: number[], at: number, lists: (List | null)[], list: number, observation: Observation): boolean
  /** Whether it is at least, or no longer at most, what is asked for: `atMost` is the opposite of it. */
  reached(cells: readonly number[], at: number): boolean
  amount(cells: readonly number[], at: number): number
}

/**
 * Cells: the amount (for a sum its ones, then its millionths); for sessions and days then the newest one; then for each spread
 * the number of units and the newest unit.
 */
export function tallyOf(did: Did): Tally {
  const { measure } = did
  const cap = capOf(did)
  const counts = countsFor(measure)
  const spreads = spreadsOf(did)
  const isSum = measure.of === 'sum'
  const isDistinct = measure.of === 'distinct'
  const isUnits = measure.of === 'sessions' || measure.of === 'days'
  const value = distinguisherOf(measure)
  const target = decimalOf(isSum ? did.value : 0)
  const property = isSum ? measure.property : ''
  const spreadsAt = isSum || isUnits ? 2 : 1

  function isSpread(cells: readonly number[], at: number): boolean {
    for (let index = 0; index < spreads.length; index += 1) {
      if ((cells[at + spreadsAt + index * 2] as number) < (spreads[index]?.count as number)) return false
    }
    return true
  }

  return {
    fresh: [0, ...(isSum ? [0] : isUnits ? [NONE] : []), ...spreads.flatMap(() => [0, NONE])],
    lists: isDistinct ? 1 : 0,
    add(cells, at, lists, list, observation) {
      if (!isSum && (cells[at] as number) >= cap && isSpread(cells, at)) return false
      if (counts !== undefined && !counts(observation.event)) return false
      if (isSum) addDecimal(cells, at, propertyOf(observation.event.properties, property) as number, 1)
      else if ((cells[at] as number) < cap) {
        if (isDistinct) addValue(cells, at, lists, list, value(observation))
        else if (isUnits) addUnit(cells, at, cap, value(observation) as number)
        else cells[at] = (cells[at] as number) + 1
      }
      for (let index = 0; index < spreads.length; index += 1) {
        const { count, unitOf } = spreads[index] as (typeof spreads)[number]
        addUnit(cells, at + spreadsAt + index * 2, count, unitOf(observation))
      }
      return true
    },
    reached(cells, at) {
      if (isSum) {
        const order = compareDecimal(cells[at] as number, cells[at + 1] as number, target)
        return did.compare === 'atMost' ? order > 0 : order >= 0 && isSpread(cells, at)
      }
      return (cells[at] as number) >= cap && isSpread(cells, at)
    },
    amount: (cells, at) => (isSum ? numberOf(cells[at] as number, cells[at + 1] as number) : (cells[at] as number)),
  }

  function addValue(cells: number[], at: number, lists: (List | null)[], list: number, added: number | string): void {
    const values: List = lists[list] ?? []
    if (values.includes(added)) return
    cells[at] = values.length + 1
    // Once there are enough, which they were no longer matters.
    lists[list] = values.length + 1 >= cap ? null : values.concat(added)
  }
}

/** Units come in order of time, so a new one is one that is not the newest. */
function addUnit(cells: number[], at: number, most: number, unit: number): void {
  if (cells[at + 1] === unit || (cells[at] as number) >= most) return
  cells[at] = (cells[at] as number) + 1
  cells[at + 1] = unit
}
