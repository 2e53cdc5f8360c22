import { describe } from '../behaviour/english.ts'
import type { Evidence } from '../decision.ts'
import type { Profile } from '../profile.ts'
import type { CompiledDefinition } from './definition.ts'

/** How each predicate of a rule or segment stands, in the order it is written. */
export function evidenceOf(definition: CompiledDefinition, predicates: readonly number[], profile: Profile, at: number): readonly Evidence[] {
  return predicates.flatMap((index) => {
    const compiled = definition.predicates[index]
    if (compiled === undefined) return []
    const { predicate, evaluator } = compiled
    const state = profile.states[index] ?? null
    const value = evaluator.value(state, at, profile)
    const flipsAt = evaluator.next(state, at, profile)
    return [
      {
        says: describe(predicate),
        truth: evaluator.truth(state, at, profile),
        ...(value === undefined ? {} : { value }),
        ...(flipsAt === undefined ? {} : { flipsAt }),
      },
    ]
  })
}
