import type { Occurrence } from './ast.ts'
import { buildComparisons, type Comparisons } from './builder-comparisons.ts'
import { express } from './builder-expression.ts'
import { type NameIn, testsOf, type ValueIn } from './where.ts'

/** The first or the newest such event of the user: needs a test of one of its properties to become a condition. */
export interface OccurrenceStart<Properties> {
  its<Name extends NameIn<Properties>>(property: Name): Comparisons<ValueIn<Properties, Name>>
}

export function buildOccurrence<Properties>(which: Occurrence['which'], event: string, where: object | undefined): OccurrenceStart<Properties> {
  const match = { event, where: testsOf(where) }
  return { its: (property) => buildComparisons(property, (test) => express({ kind: 'occurrence', which, match, test })) }
}
