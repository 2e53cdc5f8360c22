import type { CanonicalEvent } from '../../event.ts'
import type { Did } from '../ast.ts'
import { propertyOf } from './match.ts'
import type { Observation } from './predicate.ts'

/**
 * What one matching event adds: 1 to a count, a number to a sum, a value to the distinct ones.
 * `undefined`: nothing to add, since the property is missing, null or, for a sum, not a finite number.
 */
export function amountOf(measure: Did['measure']): (event: CanonicalEvent) => number | string | undefined {
  if (measure.of === 'count') return () => 1
  const { property } = measure
  if (measure.of === 'sum') {
    return (event) => {
      const value = propertyOf(event.properties, property)
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    }
  }
  return (event) => {
    const value = propertyOf(event.properties, property) ?? null
    return value === null ? undefined : typeof value === 'string' ? `"${value}` : JSON.stringify(value)
  }
}

/** How much has to be kept to answer: `n` to see at least n, `n + 1` to see more than n. */
export function capOf(did: Did): number {
  return did.compare === 'atLeast' ? did.value : did.value + 1
}

/** The session or day that an event counts for in `across`. */
export function unitOf(did: Did): (observation: Observation) => number {
  return did.across?.unit === 'days' ? ({ day }) => day : ({ session }) => session
}

export function reaches(did: Did, amount: number, units: number): boolean {
  return did.compare === 'atLeast' ? amount >= did.value && units >= (did.across?.count ?? 0) : amount <= did.value
}
