import { type Duration, milliseconds } from '../duration.ts'
import type { BuiltInEvents } from '../plan/built-in-events.ts'
import type { Events, PropertiesOf } from '../plan/plan.ts'
import type { Out, Schema } from '../schema.ts'
import type { TypedSegment } from '../segment.ts'
import type { InSegment, Sequence } from './ast.ts'
import { buildDid, type DidStart, type EventStep } from './builder-did.ts'
import { and, type Expression, express, not, type OtherwiseMember, or, otherwise } from './builder-expression.ts'
import { buildTrait, type TraitTests } from './builder-trait.ts'
import type { NameIn, ValueIn, Where } from './where.ts'

/**
 * The words of a plan's conditions. Event, property and trait names are checked by the compiler, and so are their values.
 * Event names are written out instead of under a name of their own: so the compiler lists them when one is misspelt.
 */
export interface Behaviour<E extends Events, T extends Schema> {
  /** A track event, all of whose property tests pass; at least once unless it goes on to say how often. */
  did<Name extends (keyof E | keyof BuiltInEvents) & string>(event: Name, where?: Where<PropertiesOf<E, Name>>): DidStart<E, PropertiesOf<E, Name>>
  /** No track, page or screen event for this long. */
  inactive(length: Duration): Expression
  /** These in this order, others allowed between. A step is an event's name, or `did(name, where)`. */
  sequence(
    first: ((keyof E | keyof BuiltInEvents) & string) | EventStep,
    second: ((keyof E | keyof BuiltInEvents) & string) | EventStep,
    ...more: readonly (((keyof E | keyof BuiltInEvents) & string) | EventStep)[]
  ): SequenceStart
  trait<Name extends NameIn<Out<T>>>(name: Name): TraitTests<ValueIn<Out<T>, Name>>
  /** The user is this member of the segment now. */
  inSegment<Member extends string>(segment: TypedSegment<Member, E>, member: NoInfer<Member>): InSegmentStart
  and(...parts: readonly [Expression, Expression, ...Expression[]]): Expression
  or(...parts: readonly [Expression, Expression, ...Expression[]]): Expression
  not(part: Expression): Expression
  /** The last member of a segment: everybody of whom all other members are known to be false. */
  readonly otherwise: OtherwiseMember
}

export interface SequenceStart extends Expression {
  /** From the first step to the last, less than this. */
  within(length: Duration): Expression
}

export interface InSegmentStart extends Expression {
  /** For at least this long. */
  for(length: Duration): Expression
}

export function createBehaviour<E extends Events, T extends Schema>(): Behaviour<E, T> {
  return {
    did: (event, where) => buildDid(event, where),
    inactive: (length) => express({ kind: 'inactive', for: milliseconds(length) }),
    sequence(...steps) {
      const sequence: Sequence = { kind: 'sequence', steps: steps.map((step) => (typeof step === 'string' ? { event: step, where: [] } : step.match)) }
      return { ...express(sequence), within: (length) => express({ ...sequence, within: milliseconds(length) }) }
    },
    trait: (name) => buildTrait(name),
    inSegment({ id }, member) {
      const inSegment: InSegment = { kind: 'inSegment', segment: id, member }
      return { ...express(inSegment), for: (length) => express({ ...inSegment, for: milliseconds(length) }) }
    },
    and,
    or,
    not,
    otherwise,
  }
}
