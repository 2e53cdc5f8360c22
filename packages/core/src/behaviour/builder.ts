import { type Duration, milliseconds } from '../duration.ts'
import type { BuiltInEvents } from '../plan/built-in-events.ts'
import type { Events, PropertiesOf } from '../plan/plan.ts'
import type { Out, Schema } from '../schema.ts'
import type { TypedSegment } from '../segment.ts'
import { ANY_ACTIVITY, type InSegment } from './ast.ts'
import { buildComparisons, type Comparisons } from './builder-comparisons.ts'
import { type ActiveStart, buildDid, type DidStart, type EventStep } from './builder-did.ts'
import { and, type Expression, express, not, type OtherwiseMember, or, otherwise } from './builder-expression.ts'
import { buildOccurrence, type OccurrenceStart } from './builder-occurrence.ts'
import { buildSequence, buildWithout, type Exclusion, type SequenceStart } from './builder-sequence.ts'
import type { Misuse, NameIn, ValueIn, Where } from './where.ts'

/**
 * The words of a plan's conditions. Event, property and trait names are checked by the compiler, and so are their values.
 * Event names are written out instead of under a name of their own: so the compiler lists them when one is misspelt.
 */
export interface Behaviour<E extends Events, T extends Schema> {
  /** A track event, all of whose property tests pass; at least once unless it goes on to say how often. */
  did<Name extends (keyof E | keyof BuiltInEvents) & string>(event: Name, where?: Where<PropertiesOf<E, Name>>): DidStart<E, PropertiesOf<E, Name>>
  /** Any track, page or screen event; at least once unless it goes on to say how often. */
  active(): ActiveStart<E>
  /** No track, page or screen event for this long. */
  inactive(length: Duration): Expression
  /** These in this order, others allowed between. A step is an event's name, or `did(name, where)`; between two may stand `without(name, where)`. */
  sequence<
    Second extends ((keyof E | keyof BuiltInEvents) & string) | EventStep | Exclusion,
    More extends readonly (((keyof E | keyof BuiltInEvents) & string) | EventStep | Exclusion)[],
  >(
    first: ((keyof E | keyof BuiltInEvents) & string) | EventStep,
    second: Second,
    ...more: More
  ): [Second, ...More] extends [...unknown[], Exclusion] ? Misuse<'a sequence ends with a step: put without(…) between two'> : SequenceStart<E>
  /** Between two steps of a sequence: no such event between them. */
  without<Name extends (keyof E | keyof BuiltInEvents) & string>(event: Name, where?: Where<PropertiesOf<E, Name>>): Exclusion
  /** The user's first such event, by time: `first('signed_up').its('plan').is('pro')`. False while there is none. */
  first<Name extends (keyof E | keyof BuiltInEvents) & string>(event: Name, where?: Where<PropertiesOf<E, Name>>): OccurrenceStart<PropertiesOf<E, Name>>
  /** The user's newest such event, by time. False while there is none. */
  last<Name extends (keyof E | keyof BuiltInEvents) & string>(event: Name, where?: Where<PropertiesOf<E, Name>>): OccurrenceStart<PropertiesOf<E, Name>>
  trait<Name extends NameIn<Out<T>>>(name: Name): Comparisons<ValueIn<Out<T>, Name>>
  /** The user is this member of the segment now. */
  inSegment<Member extends string>(segment: TypedSegment<Member, E>, member: NoInfer<Member>): InSegmentStart
  /** `holding(enter).until(leave)`: true from when the one is true until the other is, so that nobody flaps between the two. */
  holding(enter: Expression): HoldingStart
  and(...parts: readonly [Expression, Expression, ...Expression[]]): Expression
  or(...parts: readonly [Expression, Expression, ...Expression[]]): Expression
  not(part: Expression): Expression
  /** The last member of a segment: everybody of whom all other members are known to be false. */
  readonly otherwise: OtherwiseMember
}

export interface InSegmentStart extends Expression {
  /** For at least this long. */
  for(length: Duration): Expression
}

/** Needs an end to become a condition. */
export interface HoldingStart {
  /** While this is true it does not hold, whatever began it. */
  until(leave: Expression): Expression
}

export function createBehaviour<E extends Events, T extends Schema>(): Behaviour<E, T> {
  return {
    did: (event, where) => buildDid(event, where),
    active: () => buildDid(ANY_ACTIVITY, undefined),
    inactive: (length) => express({ kind: 'inactive', for: milliseconds(length) }),
    // A trailing exclusion, which the type answers with a sentence, throws.
    sequence: (...parts) => buildSequence<E>(parts) as never,
    without: (event, where) => buildWithout(event, where),
    first: (event, where) => buildOccurrence('first', event, where),
    last: (event, where) => buildOccurrence('last', event, where),
    trait: (name) => buildComparisons(name, (test) => express({ kind: 'trait', test })),
    inSegment({ id }, member) {
      const inSegment: InSegment = { kind: 'inSegment', segment: id, member }
      return { ...express(inSegment), for: (length) => express({ ...inSegment, for: milliseconds(length) }) }
    },
    holding: (enter) => ({ until: (leave) => express({ kind: 'holding', from: enter.condition, until: leave.condition }) }),
    and,
    or,
    not,
    otherwise,
  }
}
