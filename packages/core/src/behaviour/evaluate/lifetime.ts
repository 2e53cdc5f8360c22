import type { Did } from '../ast.ts'
import { truthOf } from '../truth.ts'
import { compileWhere, triggerOf } from './match.ts'
import type { Blueprint } from './predicate.ts'
import { tallyOf } from './tally.ts'

/** `did(…)` over all time: time alone never changes it. */
export function lifetime(did: Did): Blueprint {
  const passes = compileWhere(did.where)
  const tally = tallyOf(did)
  const isMost = did.compare === 'atMost'
  return {
    fresh: tally.fresh,
    lists: tally.lists,
    hears: triggerOf([did]),
    initial: truthOf(tally.reached(tally.fresh, 0) !== isMost),
    isEager: false,
    isTimed: false,
    at: ({ cell, list }) => ({
      observe: (cells, lists, observation) => passes(observation.event) && tally.add(cells, cell, lists, list, observation),
      read: (cells) => truthOf(tally.reached(cells, cell) !== isMost),
      value: (cells) => tally.amount(cells, cell),
    }),
  }
}
