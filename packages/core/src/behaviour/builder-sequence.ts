import { type Duration, milliseconds } from '../duration.ts'
import { WaymarkError } from '../errors.ts'
import type { BuiltInEvents } from '../plan/built-in-events.ts'
import type { Events, PropertiesOf } from '../plan/plan.ts'
import type { EventMatch, Sequence } from './ast.ts'
import type { EventStep } from './builder-did.ts'
import { type Expression, express } from './builder-expression.ts'
import { testsOf, type Where } from './where.ts'

/** What must not happen between the two steps of a sequence that it stands between. */
export interface Exclusion {
  readonly without: EventMatch
}

export interface SequenceWithout<E extends Events> extends Expression {
  /** And no such event between any two neighbouring steps. */
  without<Name extends (keyof E | keyof BuiltInEvents) & string>(event: Name, where?: Where<PropertiesOf<E, Name>>): this
}

export interface SequenceStart<E extends Events> extends SequenceWithout<E> {
  /** From the first step to the last, less than this. */
  within(length: Duration): SequenceWithout<E>
}

export function buildWithout(event: string, where: object | undefined): Exclusion {
  return { without: { event, where: testsOf(where) } }
}

export function buildSequence<E extends Events>(parts: readonly (string | EventStep | Exclusion)[]): SequenceStart<E> {
  const steps: EventMatch[] = []
  const without: (EventMatch & { readonly after: number })[] = []
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') steps.push({ event: part, where: [] })
    else if ('match' in part) steps.push(part.match)
    else if (index > 0 && index < parts.length - 1) without.push({ ...part.without, after: steps.length - 1 })
    else
      throw new WaymarkError('EXCLUSION_MISPLACED', `without('${part.without.event}') stands ${index === 0 ? 'before the first' : 'after the last'} step`, {
        mend: `put it between two steps, or write sequence(…).without('${part.without.event}') for between any two`,
      })
  }
  return start({ kind: 'sequence', steps, ...(without.length === 0 ? {} : { without }) })
}

function start<E extends Events>(sequence: Sequence): SequenceStart<E> {
  return {
    ...express(sequence),
    without: (event: string, where?: object) => start<E>(excluding(sequence, event, where)),
    within: (length) => ended({ ...sequence, within: milliseconds(length) }),
  } as SequenceStart<E>
}

function ended<E extends Events>(sequence: Sequence): SequenceWithout<E> {
  return { ...express(sequence), without: (event: string, where?: object) => ended<E>(excluding(sequence, event, where)) } as SequenceWithout<E>
}

function excluding(sequence: Sequence, event: string, where: object | undefined): Sequence {
  const between = sequence.steps.slice(1).map((_, after) => ({ ...buildWithout(event, where).without, after }))
  return { ...sequence, without: [...(sequence.without ?? []), ...between] }
}
