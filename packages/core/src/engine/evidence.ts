import { missing } from '../behaviour/english-missing.ts'
import { NEVER } from '../behaviour/evaluate/moment.ts'
import type { Evidence } from '../decision.ts'
import { truthIn } from './cells.ts'
import type { Uses } from './definition.ts'
import type { Draft } from './draft.ts'
import { pageOf } from './verdict.ts'

/** How each predicate of a rule or segment stands, in the order it is written; the draft has been brought to the moment `at`. */
export function evidenceOf(uses: Uses, draft: Draft, at: number): readonly Evidence[] {
  return uses.map((node): Evidence => {
    const { page, cell, shift } = node.place.truth
    const truth = truthIn(pageOf(draft, page)[cell] as number, shift)
    const cells = pageOf(draft, node.place.page)
    const value = 'evaluator' in node ? node.evaluator.value(cells, draft.lists, at, draft) : undefined
    const flipsAt = isTimed(node) ? (cells[node.place.timer] as number) : NEVER
    const lacks = missing(node.predicate, value, truth)
    return {
      says: node.says,
      truth,
      ...(value === undefined ? {} : { value }),
      ...(lacks === undefined ? {} : { missing: lacks }),
      ...(flipsAt === NEVER ? {} : { flipsAt }),
    }
  })
}

function isTimed(node: Uses[number]): boolean {
  return 'evaluator' in node ? node.isTimed : node.for > 0
}
