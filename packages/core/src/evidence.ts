import { FALSE, TRUE, type Truth, UNKNOWN } from './behaviour/truth.ts'

/** How a condition stands at one moment, part by part as it is written. Plain JSON: the ledger keeps it. */
export type Evidence = Fact | Compound

/** A predicate. */
export interface Fact {
  readonly kind: 'fact'
  /** The predicate in English. */
  readonly says: string
  readonly truth: Truth
  /** How much of it was done, where it counts something. */
  readonly value?: number
  /** What is missing, in English, for it to be as its place in the condition asks: false under a `not`, true elsewhere. Absent when it is. */
  readonly missing?: string
  /** When time alone could change it, in epoch milliseconds. */
  readonly flipsAt?: number
}

export type Compound =
  | { readonly kind: 'all' | 'any'; readonly truth: Truth; readonly of: readonly Evidence[] }
  | { readonly kind: 'not'; readonly truth: Truth; readonly of: Evidence }
  /** True from when `from` is until `until` is; in between neither may be. */
  | { readonly kind: 'holding'; readonly truth: Truth; readonly says: string; readonly from: Evidence; readonly until: Evidence }
  /** The last member of a segment: none of those before it. */
  | { readonly kind: 'otherwise'; readonly truth: Truth }

/** What is so, in English: of a part that is false `not: …`, of one that is open `not settled: …`. */
export interface Ground {
  readonly says: string
  readonly value?: number
}

/**
 * What a condition owes its truth to: of an `all` that is true every part, of one that is false the parts that are false; of an
 * `any` the other way round. What holds still, though what began it is over, is its own ground.
 */
export function groundsOf(evidence: Evidence): readonly Ground[] {
  const { truth } = evidence
  switch (evidence.kind) {
    case 'all':
    case 'any': {
      const isOne = truth === UNKNOWN || truth === (evidence.kind === 'all' ? FALSE : TRUE)
      return (isOne ? evidence.of.filter((part) => part.truth === truth) : evidence.of).flatMap(groundsOf)
    }
    case 'not':
      return groundsOf(evidence.of)
    case 'holding':
      if (evidence.until.truth === TRUE) return groundsOf(evidence.until)
      return evidence.from.truth === truth ? groundsOf(evidence.from) : [groundOf(evidence)]
    case 'otherwise':
      return [groundOf({ says: 'none of the others', truth })]
    case 'fact':
      return [groundOf(evidence)]
  }
}

const HOW: Record<Truth, string> = { 0: 'not: ', 1: 'not settled: ', 2: '' }

function groundOf({ says, value, truth }: Ground & { readonly truth: Truth }): Ground {
  return { says: HOW[truth] + says, ...(value === undefined ? {} : { value }) }
}
