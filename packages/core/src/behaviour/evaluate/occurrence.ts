import type { Occurrence } from '../ast.ts'
import { FALSE, truthOf } from '../truth.ts'
import { compileMatch, compileTest, triggerOf } from './match.ts'
import { NONE } from './moment.ts'
import type { Blueprint } from './predicate.ts'

/** The first or the newest such event, held to a test. One cell: whether it passed. */
export function occurrence({ which, match, test }: Occurrence): Blueprint {
  const matches = compileMatch(match)
  const passes = compileTest(test)
  return {
    fresh: [NONE],
    lists: 0,
    hears: triggerOf([match]),
    initial: FALSE,
    isEager: false,
    isTimed: false,
    at: ({ cell }) => ({
      observe(cells, _, { event }) {
        if ((which === 'first' && cells[cell] !== NONE) || !matches(event)) return false
        cells[cell] = passes(event.properties) ? 1 : 0
        return true
      },
      read: (cells) => truthOf(cells[cell] === 1),
      value: () => undefined,
    }),
  }
}
