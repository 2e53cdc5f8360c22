import type { Did } from '../ast.ts'
import { FALSE, TRUE, type Truth, truthOf, UNKNOWN } from '../truth.ts'
import { compileMatch } from './match.ts'
import { amountOf, capOf, reaches, unitOf } from './measure.ts'
import type { Evaluator, Observation } from './predicate.ts'

interface Sliding {
  /** When each was seen, oldest first: one per event for a count or sum, one per value (its newest moment) for distinct. */
  readonly at: readonly number[]
  /** The values or amounts that go with `at`; a count needs none. */
  readonly what?: readonly (number | string)[]
  /** The newest sessions or days with a matching event, oldest first, and the newest moment in each. */
  readonly unit?: readonly number[]
  readonly unitAt?: readonly number[]
}

const EMPTY: Sliding = { at: [] }

/**
 * `did(…).within(W)`: what happened in (t - W, t]. Exact: a count keeps its n newest moments, distinct its n newest
 * values, a sum every amount in the window. That little was done is unknown until the user has been known for W.
 */
export function sliding(did: Did, length: number): Evaluator<Sliding> {
  const matches = compileMatch(did)
  const amount = amountOf(did.measure)
  const unitOfEvent = unitOf(did)
  const isSum = did.measure.of === 'sum'
  const isDistinct = did.measure.of === 'distinct'
  const cap = capOf(did)
  const units = did.across?.count ?? 0

  /** Index of the first moment that is still in the window at `at`. */
  function firstInside(moments: readonly number[], at: number): number {
    let first = 0
    while (first < moments.length && (moments[first] as number) <= at - length) first += 1
    return first
  }

  function total(state: Sliding, at: number): number {
    const first = firstInside(state.at, at)
    if (!isSum) return state.at.length - first
    let sum = 0
    for (let index = first; index < state.at.length; index += 1) sum += state.what?.[index] as number
    return sum
  }

  function observe(state: Sliding | null, observation: Observation): Sliding | null {
    if (!matches(observation.event)) return state
    const { at: now } = observation
    const added = amount(observation.event)
    if (added === undefined) return state
    const old = state ?? EMPTY
    const again = isDistinct ? (old.what?.indexOf(added) ?? -1) : -1
    const left = firstInside(old.at, now)
    const first = isSum ? left : Math.max(left, old.at.length + (again === -1 ? 1 : 0) - cap)
    const at = old.at.slice(first)
    const what = isSum || isDistinct ? (old.what ?? []).slice(first) : undefined
    if (again >= first) {
      at.splice(again - first, 1)
      what?.splice(again - first, 1)
    }
    at.push(now)
    what?.push(added)
    return { at, ...(what === undefined ? {} : { what }), ...(units === 0 ? {} : addUnit(old, unitOfEvent(observation), now)) }
  }

  function addUnit({ unit = [], unitAt = [] }: Sliding, current: number, now: number): Pick<Sliding, 'unit' | 'unitAt'> {
    if (unit.at(-1) === current) return { unit, unitAt: unitAt.with(-1, now) }
    return { unit: [...unit, current].slice(-units), unitAt: [...unitAt, now].slice(-units) }
  }

  function isReached(state: Sliding, at: number): boolean {
    const seenIn = units === 0 ? 0 : (state.unitAt?.length ?? 0) - firstInside(state.unitAt ?? [], at)
    return reaches(did, total(state, at), seenIn)
  }

  function truth(state: Sliding, at: number, knownSince: number): Truth {
    const reached = isReached(state, at)
    if (did.compare === 'atLeast') return truthOf(reached)
    return reached ? (at >= knownSince + length ? TRUE : UNKNOWN) : FALSE
  }

  /** When the oldest of what is in the window leaves it. */
  function oldestLeaves(moments: readonly number[], at: number): number | undefined {
    const oldest = moments[firstInside(moments, at)]
    return oldest === undefined ? undefined : oldest + length
  }

  return {
    hears: { events: [did.event] },
    observe,
    truth: (state, at, profile) => truth(state ?? EMPTY, at, profile.firstSeenAt),
    next(state, at, profile) {
      const kept = state ?? EMPTY
      const known = did.compare === 'atMost' && at < profile.firstSeenAt + length ? profile.firstSeenAt + length : undefined
      // Amounts may be negative, so a sum may turn whenever one leaves.
      if (isSum) return earlier(earlier(oldestLeaves(kept.at, at), units === 0 ? undefined : oldestLeaves(kept.unitAt ?? [], at)), known)
      // The state keeps just enough to be reached (or exceeded): the first to leave ends that, and nothing else does.
      if (did.compare === 'atMost') return isReached(kept, at) ? known : oldestLeaves(kept.at, at)
      if (!isReached(kept, at)) return undefined
      return earlier(oldestLeaves(kept.at, at), units === 0 ? undefined : oldestLeaves(kept.unitAt ?? [], at))
    },
    value: (state, at) => total(state ?? EMPTY, at),
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b
  return b === undefined ? a : Math.min(a, b)
}
