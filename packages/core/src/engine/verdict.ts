import type { Condition } from '../behaviour/ast.ts'
import { FALSE, not, TRUE, type Truth } from '../behaviour/truth.ts'
import { WaymarkError } from '../errors.ts'
import { truthIn } from './cells.ts'
import type { TruthPlace } from './layout.ts'

/** The pages of a profile; null is one to which nothing has happened, which is as its template. */
export interface Pages {
  readonly pages: readonly (readonly number[] | null)[]
  readonly templates: readonly (readonly number[])[]
}

/** The page for reading. */
export function pageOf({ pages, templates }: Pages, index: number): readonly number[] {
  return pages[index] ?? (templates[index] as readonly number[])
}

/** The truth of a condition, from the truths that stand on the pages. */
export type Verdict = (pages: Pages) => Truth

/** What stands for conditions whose truth is kept: everything but `all`, `any`, `not` and `otherwise`. */
export type TruthPlaceOf = (condition: Exclude<Condition, { kind: 'all' | 'any' | 'not' | 'otherwise' }>) => TruthPlace

export function compileVerdict(condition: Condition, placeOf: TruthPlaceOf): Verdict {
  switch (condition.kind) {
    case 'all':
      return least(condition.of.map((part) => compileVerdict(part, placeOf)))
    case 'any':
      return greatest(condition.of.map((part) => compileVerdict(part, placeOf)))
    case 'not':
      return opposite(compileVerdict(condition.of, placeOf))
    case 'otherwise':
      throw new WaymarkError('CONDITION_MISPLACED', "'otherwise' stands only as the last member of a segment")
    default: {
      const { page, cell, shift } = placeOf(condition)
      return (pages) => truthIn(pageOf(pages, page)[cell] as number, shift)
    }
  }
}

/** True when all the others are known to be false. */
export function noneOf(others: readonly Verdict[]): Verdict {
  return opposite(greatest(others))
}

function opposite(part: Verdict): Verdict {
  return (pages) => not(part(pages))
}

function least(parts: readonly Verdict[]): Verdict {
  return (pages) => {
    let result: Truth = TRUE
    for (const part of parts) {
      const truth = part(pages)
      if (truth === FALSE) return FALSE
      if (truth < result) result = truth
    }
    return result
  }
}

function greatest(parts: readonly Verdict[]): Verdict {
  return (pages) => {
    let result: Truth = FALSE
    for (const part of parts) {
      const truth = part(pages)
      if (truth === TRUE) return TRUE
      if (truth > result) result = truth
    }
    return result
  }
}
