import type { Did, Sequence, Window } from '../../behaviour/ast.ts'
import { compileMatch } from '../../behaviour/evaluate/match.ts'
import { countsFor } from '../../behaviour/evaluate/measure.ts'
import type { List, Observation } from '../../behaviour/evaluate/predicate.ts'
import { sequence } from '../../behaviour/evaluate/sequence.ts'
import { tallyOf } from '../../behaviour/evaluate/tally.ts'
import { TRUE } from '../../behaviour/truth.ts'
import type { CanonicalEvent } from '../../event.ts'
import type { BaseNode } from '../definition.ts'
import { type Keeper, keepAll, keepBack, keepNewest, keepWhile, type Matches } from './stretch.ts'

const DAY = 86_400_000

/** How a predicate is read by what depends on it. */
export interface Standing {
  /** What depends on it remembers how it stood at every moment: a condition that holds until another is true. */
  readonly isWhole: boolean
  /** And it changes, or what lies between does, by time alone. */
  readonly isTimed: boolean
  /** How long ago its truth still matters, in milliseconds: to memberships that are to last. */
  readonly slack: number
}

/**
 * What a predicate needs of events, so that it reads the same from the stretch's `from` on (at every moment, where it is read whole), whatever else comes
 * in. Not for what is read whole and is timed: see `needs.ts`.
 */
export function keeperOf(predicate: BaseNode['predicate'], { isWhole, slack }: Standing): Keeper {
  switch (predicate.kind) {
    case 'did':
      return keepDid(predicate, slack)
    case 'sequence':
      return keepSequence(predicate)
    case 'occurrence': {
      const matches = compileMatch(predicate.match)
      if (predicate.which === 'first') return keepFirst(matches)
      return isWhole ? keepAll(matches) : keepNewest((event) => (matches(event) ? ['it'] : []), slack)
    }
    case 'inactive':
      return NOTHING
    case 'trait':
      return isWhole ? keepAll(({ type }) => type === 'identify') : NOTHING
  }
}

/** Whether it forgets: how it stood at a moment long ago can be told only from events of then. */
export function isPassing(predicate: BaseNode['predicate']): boolean {
  if (predicate.kind === 'did') return predicate.window !== undefined && predicate.window.anchor === undefined
  return predicate.kind === 'inactive' || predicate.kind === 'trait' || (predicate.kind === 'occurrence' && predicate.which === 'last')
}

/** What `facts.ts` sees to for everybody. */
const NOTHING: Keeper = () => {}

function keepFirst(matches: Matches): Keeper {
  return keepWhile(() => {
    let isThere = false
    return (event) => {
      if (isThere || !matches(event)) return false
      isThere = true
      return true
    }
  })
}

function keepDid(did: Did, slack: number): Keeper {
  const matches = compileMatch(did)
  const counts = countsFor(did.measure)
  const isHeard: Matches = (event) => matches(event) && (counts === undefined || counts(event))
  const { window } = did
  if (window === undefined) return isBounded(did) ? keepWhile(() => fills(did, isHeard)) : keepAll(isHeard)
  if (window.anchor !== undefined) return keepAnchored(did, { ...window, anchor: window.anchor }, isHeard)
  return keepBack(isHeard, window.length + slack)
}

/**
 * Whether there comes a time when no more of it makes a difference, whoever else's events come between. Sums may always go down; two sessions may become
 * one when others' events show that there was no pause.
 */
function isBounded({ measure, across }: Did): boolean {
  return measure.of !== 'sum' && measure.of !== 'sessions' && across?.sessions === undefined
}

/** True for what still makes a difference after those before it. */
function fills(did: Did, isHeard: Matches): Matches {
  const tally = tallyOf(did)
  const cells = [...tally.fresh]
  const lists: (List | null)[] = [null]
  return (event) => isHeard(event) && tally.add(cells, 0, lists, 0, observed(event))
}

/** Where sessions are not looked at. */
function observed(event: CanonicalEvent): Observation {
  return { event, at: event.timestamp, session: 0, day: Math.floor(event.timestamp / DAY) }
}

/**
 * Somebody else's anchor can only be earlier, and with it the window's end: so what lies behind the end by the first of these anchors never counts. What
 * lies before it may.
 */
function keepAnchored(did: Did, { length, anchor }: Window & { readonly anchor: NonNullable<Window['anchor']> }, isHeard: Matches): Keeper {
  const opens: Matches = anchor === 'firstSeen' ? () => true : compileMatch(anchor)
  return keepWhile(({ events }) => {
    const first = events.find(opens)
    const [from, until] = first === undefined ? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] : [first.timestamp, first.timestamp + length]
    const isMore = isBounded(did) ? fills(did, isHeard) : isHeard
    return (event) => event === first || (event.timestamp < from ? isHeard(event) : event.timestamp < until && isMore(event))
  })
}

/** Once it is done it is done, and others' events can only have had it done before; what must not happen in between may undo that. */
function keepSequence(condition: Sequence): Keeper {
  const { steps, without = [] } = condition
  const matches = [...steps, ...without].map(compileMatch)
  const isHeard: Matches = (event) => matches.some((one) => one(event))
  if (without.length > 0) return keepAll(isHeard)
  return keepWhile(() => {
    const { fresh, at } = sequence(condition)
    const cells = [...fresh]
    const { observe, read } = at({ cell: 0, list: 0, timer: 0 })
    return (event) => {
      if (!isHeard(event) || read(cells, [], event.timestamp, NO_FACTS) === TRUE) return false
      observe(cells, [], observed(event), NO_FACTS)
      return true
    }
  })
}

const NO_FACTS = { header: [], traits: {} }
