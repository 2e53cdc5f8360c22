import type { Did } from '../ast.ts'
import { FALSE, TRUE, truthOf, UNKNOWN, type Truth } from '../truth.ts'
import { compileMatch } from './match.ts'
import { amountOf, capOf, reaches, unitOf } from './measure.ts'
import type { Evaluator, Observation } from './predicate.ts'

/** A key or amount with the moment it was last seen. */
type Seen<T> = readonly [at: number, what: T]

interface Sliding {
  /** Count: one per event. Distinct: one per value. Sum: the amounts. Oldest first. */
  readonly seen: readonly Seen<number | string>[]
  /** The newest sessions or days with a matching event. */
  readonly units?: readonly Seen<number>[]
}

const EMPTY: Sliding = { seen: [] }

/**
 * `did(…).within(W)`: what happened in (t - W, t]. Exact: a count keeps its n newest moments, distinct its n newest
 * values, a sum every amount in the window. That little was done is unknown until the user has been known for W.
 */
export function sliding(did: Did, length: number): Evaluator<Sliding> {
  const matches = compileMatch(did)
  const amount = amountOf(did.measure)
  const unit = unitOf(did)
  const isSum = did.measure.of === 'sum'
  const isDistinct = did.measure.of === 'distinct'
  const cap = capOf(did)
  const units = did.across?.count ?? 0

  function total(state: Sliding, at: number): number {
    let sum = 0
    for (const [seenAt, what] of state.seen) if (seenAt > at - length) sum += isSum ? (what as number) : 1
    return sum
  }

  function inWindow(seen: readonly Seen<unknown>[] | undefined, at: number): number {
    return seen === undefined ? 0 : seen.reduce((count, [seenAt]) => count + (seenAt > at - length ? 1 : 0), 0)
  }

  function observe(state: Sliding | null, observation: Observation): Sliding | null {
    if (!matches(observation.event)) return state
    const { at } = observation
    const what = amount(observation.event)
    if (what === undefined) return state
    const alive = (state ?? EMPTY).seen.filter(([seenAt, other]) => seenAt > at - length && !(isDistinct && other === what))
    const seen = [...alive, [at, what] as const]
    const next: { seen: Sliding['seen']; units?: Seen<number>[] } = { seen: isSum ? seen : seen.slice(-cap) }
    if (units > 0) {
      const now = unit(observation)
      next.units = [...(state?.units ?? []).filter(([, other]) => other !== now), [at, now] as const].slice(-units)
    }
    return next
  }

  function truth(state: Sliding | null, at: number, knownSince: number): Truth {
    const kept = state ?? EMPTY
    const reached = reaches(did, total(kept, at), inWindow(kept.units, at))
    if (did.compare === 'atLeast') return truthOf(reached)
    return reached ? (at >= knownSince + length ? TRUE : UNKNOWN) : FALSE
  }

  return {
    hears: { events: [did.event] },
    observe,
    truth: (state, at, profile) => truth(state, at, profile.firstSeenAt),
    next(state, at, profile) {
      const kept = state ?? EMPTY
      const moments: number[] = []
      // The truth can only turn when something leaves the window, or when the user has been known for its length.
      for (const [seenAt] of [...kept.seen, ...(kept.units ?? [])]) if (seenAt > at - length) moments.push(seenAt + length)
      if (did.compare === 'atMost' && at < profile.firstSeenAt + length) moments.push(profile.firstSeenAt + length)
      const now = isSum ? undefined : truth(kept, at, profile.firstSeenAt)
      const turns = moments.sort((a, b) => a - b)
      return now === undefined ? turns[0] : turns.find((moment) => truth(kept, moment, profile.firstSeenAt) !== now)
    },
    value: (state, at) => total(state ?? EMPTY, at),
  }
}
