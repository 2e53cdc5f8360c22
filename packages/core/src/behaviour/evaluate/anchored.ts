import type { Did, Window } from '../ast.ts'
import { FALSE, TRUE, UNKNOWN } from '../truth.ts'
import { compileMatch } from './match.ts'
import type { Evaluator } from './predicate.ts'
import { compileTally, NOTHING, type Tally } from './tally.ts'

interface Anchored {
  /** When the first anchor event opened the window. */
  readonly opened?: number
  readonly tally: Tally
  /** Before it opens: the moment `tally` was counted at, since an anchor at the same moment takes it in. */
  readonly at?: number
}

const CLOSED: Anchored = { tally: NOTHING }

/**
 * `did(…).within(W).of(anchor)`: counts what happens in [a, a + W), a being the first anchor event.
 * Unknown without an anchor and while the window is open and the answer could still change.
 */
export function anchored(did: Did, window: Window & { readonly anchor: NonNullable<Window['anchor']> }): Evaluator<Anchored> {
  const matches = compileMatch(did)
  const opens = compileMatch(window.anchor)
  const tallier = compileTally(did)
  const isSum = did.measure.of === 'sum'

  function settled(state: Anchored): boolean {
    return !isSum && tallier.reached(state.tally) === (did.compare === 'atLeast')
  }

  return {
    hears: { events: did.event === window.anchor.event ? [did.event] : [did.event, window.anchor.event] },
    observe(state, observation) {
      const { event, at } = observation
      let next = state ?? CLOSED
      if (next.opened === undefined && opens(event)) next = { opened: at, tally: next.at === at ? next.tally : NOTHING }
      if (matches(event)) {
        if (next.opened === undefined) next = { at, tally: tallier.add(next.at === at ? next.tally : NOTHING, observation) }
        else if (at < next.opened + window.length) {
          const tally = tallier.add(next.tally, observation)
          if (tally !== next.tally) next = { opened: next.opened, tally }
        }
      }
      return next === CLOSED ? state : next
    },
    truth(state, at) {
      if (state?.opened === undefined) return UNKNOWN
      const reached = tallier.reached(state.tally)
      const open = at < state.opened + window.length
      if (did.compare === 'atLeast') return reached ? TRUE : open ? UNKNOWN : FALSE
      return reached ? (open ? UNKNOWN : TRUE) : FALSE
    },
    next(state, at) {
      if (state?.opened === undefined || settled(state)) return undefined
      const closes = state.opened + window.length
      return at < closes ? closes : undefined
    },
    value: (state) => (state?.opened === undefined ? 0 : state.tally.amount),
  }
}
