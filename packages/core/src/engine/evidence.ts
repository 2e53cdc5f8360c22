import type { Condition } from '../behaviour/ast.ts'
import { describe } from '../behaviour/english.ts'
import { missing } from '../behaviour/english-missing.ts'
import { NEVER } from '../behaviour/evaluate/moment.ts'
import { not } from '../behaviour/truth.ts'
import type { Evidence, Fact } from '../evidence.ts'
import { truthIn } from './cells.ts'
import type { BaseNode, HoldingNode, InSegmentNode } from './definition.ts'
import type { Draft } from './draft.ts'
import { compileVerdict, pageOf, type Verdict } from './verdict.ts'

/** Tells how a condition stands; the draft has been brought to the moment `at`. */
export type Account = (draft: Draft, at: number) => Evidence

type Kept = Exclude<Condition, { kind: 'all' | 'any' | 'not' | 'otherwise' }>
type Node = BaseNode | InSegmentNode | HoldingNode

/** `isNegated`: false is what it should be, for the whole that it is part of to be true. */
export function compileAccount(condition: Condition, nodeOf: (condition: Kept) => Node, isNegated: boolean = false): Account {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const { kind } = condition
      const parts = condition.of.map((part) => accountOf(part, isNegated))
      const verdict = compileVerdict(condition, placeOf)
      return (draft, at) => ({ kind, truth: verdict(draft), of: parts.map((part) => part(draft, at)) })
    }
    case 'not': {
      const part = accountOf(condition.of, !isNegated)
      return (draft, at) => {
        const of = part(draft, at)
        return { kind: 'not', truth: not(of.truth), of }
      }
    }
    case 'holding': {
      const says = describe(condition)
      const from = accountOf(condition.from, isNegated)
      const until = accountOf(condition.until, !isNegated)
      const verdict = compileVerdict(condition, placeOf)
      return (draft, at) => ({ kind: 'holding', truth: verdict(draft), says, from: from(draft, at), until: until(draft, at) })
    }
    case 'otherwise':
      return accountOfRest(compileVerdict(condition, placeOf))
    default:
      return accountOfFact(nodeOf(condition) as BaseNode | InSegmentNode, isNegated)
  }

  function accountOf(part: Condition, negated: boolean): Account {
    return compileAccount(part, nodeOf, negated)
  }
  function placeOf(part: Kept) {
    return nodeOf(part).place.truth
  }
}

/** Of the member that is what is left. */
export function accountOfRest(verdict: Verdict): Account {
  return (draft) => ({ kind: 'otherwise', truth: verdict(draft) })
}

function accountOfFact(node: BaseNode | InSegmentNode, isNegated: boolean): Account {
  const { says, predicate, place } = node
  const evaluator = 'evaluator' in node ? node.evaluator : undefined
  const isTimed = 'evaluator' in node ? node.isTimed : node.for > 0
  return (draft, at): Fact => {
    const { page, cell, shift } = place.truth
    const truth = truthIn(pageOf(draft, page)[cell] as number, shift)
    const cells = pageOf(draft, place.page)
    const value = evaluator?.value(cells, draft.lists, at, draft)
    const flipsAt = isTimed ? (cells[place.timer] as number) : NEVER
    const lacks = missing(predicate, value, truth, isNegated)
    return {
      kind: 'fact',
      says,
      truth,
      ...(value === undefined ? {} : { value }),
      ...(lacks === undefined ? {} : { missing: lacks }),
      ...(flipsAt === NEVER ? {} : { flipsAt }),
    }
  }
}
