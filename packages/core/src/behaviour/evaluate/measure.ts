import type { CanonicalEvent } from '../../event.ts'
import type { Did, Measure } from '../ast.ts'
import { propertyOf } from './match.ts'
import type { Observation } from './predicate.ts'

/** Beyond this an amount counts as nothing: sums are exact, and one such would not leave room for others. */
const MOST = 1e12

export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= MOST
}

/** Whether a matching event has what is measured: a property that is there, for a sum a number. */
export function countsFor(measure: Measure): ((event: CanonicalEvent) => boolean) | undefined {
  if (measure.of === 'sum') {
    const { property } = measure
    return (event) => isAmount(propertyOf(event.properties, property))
  }
  if (measure.of === 'distinct') {
    const { property } = measure
    return (event) => (propertyOf(event.properties, property) ?? null) !== null
  }
  return undefined
}

/** Marks what is no text, so that 1 is not '1'; texts, which are most, are kept as they are. */
const NO_TEXT = '\u0000'

/** The value that is told apart: of a property, a session or a day. */
export function distinguisherOf(measure: Measure): (observation: Observation) => number | string {
  if (measure.of === 'days') return ({ day }) => day
  if (measure.of !== 'distinct') return ({ session }) => session
  const { property } = measure
  return ({ event }) => {
    const value = propertyOf(event.properties, property)
    return typeof value === 'string' ? value : NO_TEXT + JSON.stringify(value)
  }
}

/** How much has to be kept to answer: `n` to see at least n, `n + 1` to see more than n. */
export function capOf(did: Did): number {
  return did.compare === 'atLeast' ? did.value : did.value + 1
}

/** How many different sessions and days `across` asks for, each with how an observation tells its own. */
export function spreadsOf({ across }: Did): readonly { readonly count: number; readonly unitOf: (observation: Observation) => number }[] {
  return [
    ...(across?.sessions === undefined ? [] : [{ count: across.sessions, unitOf: ({ session }: Observation) => session }]),
    ...(across?.days === undefined ? [] : [{ count: across.days, unitOf: ({ day }: Observation) => day }]),
  ]
}
