import type { Did } from '../ast.ts'
import { amountOf, capOf, reaches, unitOf } from './measure.ts'
import type { Observation } from './predicate.ts'

/** A running amount that nothing leaves: O(1) for count and sum, at most `cap` values for distinct. */
export interface Tally {
  readonly amount: number
  readonly values?: readonly string[]
  /** Sessions or days with a matching event, and the newest of them. */
  readonly units: number
  readonly unit: number
}

export const NOTHING: Tally = { amount: 0, units: 0, unit: -1 }

export interface Tallier {
  add(tally: Tally, observation: Observation): Tally
  reached(tally: Tally): boolean
}

export function compileTally(did: Did): Tallier {
  const amount = amountOf(did.measure)
  const unit = unitOf(did)
  const cap = did.measure.of === 'sum' ? Number.POSITIVE_INFINITY : capOf(did)
  const enoughUnits = did.across?.count ?? 0

  function add(tally: Tally, observation: Observation): Tally {
    const units = tally.units >= enoughUnits ? undefined : unit(observation)
    const full = tally.amount >= cap
    if (full && units === undefined) return tally
    const added = amount(observation.event)
    if (added === undefined) return tally
    const next = { ...tally }
    if (typeof added === 'string') {
      const values = tally.values ?? []
      if (!full && !values.includes(added)) {
        next.values = [...values, added]
        next.amount = next.values.length
      }
    } else if (!full) next.amount = tally.amount + added
    if (units !== undefined && units !== tally.unit) {
      next.unit = units
      next.units = tally.units + 1
    }
    return next
  }

  return { add, reached: (tally) => reaches(did, tally.amount, tally.units) }
}
