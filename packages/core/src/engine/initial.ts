import type { Blueprint } from '../behaviour/evaluate/predicate.ts'
import { FALSE, TRUE, type Truth, UNKNOWN } from '../behaviour/truth.ts'
import { withTruth } from './cells.ts'
import type { BaseNode, CompiledDefinition, DerivedNode, RuleNode } from './definition.ts'
import type { TruthPlace } from './layout.ts'
import { type Pages, pageOf } from './verdict.ts'

/**
 * Writes into the templates how everything stands before anything has happened, and says what being seen for the first time may
 * change: so a new profile costs what its first event touches, however many segments there are.
 */
export function initialise(
  templates: readonly number[][],
  base: readonly BaseNode[],
  blueprints: readonly Blueprint[],
  derived: readonly DerivedNode[],
  rules: readonly RuleNode[],
): CompiledDefinition['atFirst'] {
  const pages: Pages = { pages: templates, templates }
  for (const [index, { place }] of base.entries()) set(place.truth, (blueprints[index] as Blueprint).initial)
  return {
    base: base.filter((_, index) => blueprints[index]?.isEager),
    derived: derived.filter(isOpen),
    rules: rules.filter(({ when }) => when(pages) === TRUE),
  }

  function set({ page, cell, shift }: TruthPlace, truth: Truth): void {
    const cells = templates[page] as number[]
    cells[cell] = withTruth(cells[cell] as number, shift, truth)
  }

  /** Sets what the node is at first, and says whether the first event has to look at it whatever it is. */
  function isOpen(node: DerivedNode): boolean {
    const { page, cell, truth } = node.place
    if (node.kind === 'segment') {
      const member = node.members.findIndex(({ when }) => when(pages) === TRUE)
      ;(templates[page] as number[])[cell] = member
      return member >= 0
    }
    if (node.kind === 'holding') {
      const from = node.from(pages)
      set(truth, from === UNKNOWN && node.until(pages) !== TRUE ? UNKNOWN : FALSE)
      return from === TRUE
    }
    const member = pageOf(pages, node.asked.place.page)[node.asked.place.cell] as number
    set(truth, member < 0 ? UNKNOWN : member === node.member && node.for === 0 ? TRUE : FALSE)
    return member === node.member && node.for > 0
  }
}
