import type { Did } from '../ast.ts'
import { truthOf } from '../truth.ts'
import { compileMatch } from './match.ts'
import type { Evaluator } from './predicate.ts'
import { compileTally, NOTHING, type Tally } from './tally.ts'

/** `did(…)` over all time: time alone never changes it. */
export function lifetime(did: Did): Evaluator<Tally> {
  const matches = compileMatch(did)
  const tallier = compileTally(did)
  return {
    hears: { events: [did.event] },
    observe: (state, observation) => (matches(observation.event) ? tallier.add(state ?? NOTHING, observation) : state),
    truth: (state) => truthOf(tallier.reached(state ?? NOTHING)),
    next: () => undefined,
    value: (state) => (state ?? NOTHING).amount,
  }
}
