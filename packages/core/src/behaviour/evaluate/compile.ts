import type { Did, Predicate } from '../ast.ts'
import { anchored } from './anchored.ts'
import { lifetime } from './lifetime.ts'
import type { Evaluator } from './predicate.ts'
import { sequence } from './sequence.ts'
import { sliding } from './sliding.ts'
import { inactive, inSegment, trait } from './standing.ts'

/** The live reading of a predicate. */
export function compilePredicate(predicate: Predicate): Evaluator {
  switch (predicate.kind) {
    case 'did':
      return compileDid(predicate) as Evaluator
    case 'sequence':
      return sequence(predicate) as Evaluator
    case 'inactive':
      return inactive(predicate)
    case 'trait':
      return trait(predicate)
    case 'inSegment':
      return inSegment(predicate)
  }
}

function compileDid(did: Did): unknown {
  const { window } = did
  if (window === undefined) return lifetime(did)
  return window.anchor === undefined ? sliding(did, window.length) : anchored(did, { length: window.length, anchor: window.anchor })
}
