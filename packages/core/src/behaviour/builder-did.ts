import { type Duration, milliseconds } from '../duration.ts'
import { WaymarkError } from '../errors.ts'
import type { BuiltInEvents } from '../plan/built-in-events.ts'
import type { Events, PropertiesOf } from '../plan/plan.ts'
import type { Did, EventMatch } from './ast.ts'
import { type Expression, express } from './builder-expression.ts'
import { type Misuse, type NameIn, type Or, testsOf, type Where } from './where.ts'

/** `did(…)` as it begins. On its own it means at least once; in a sequence it is a step. */
export interface DidStart<E extends Events, Properties> extends ActiveStart<E> {
  /** Counts the different values of a property instead of the events. */
  distinct(property: NameIn<Properties>): Measured<E>
  /** Adds up a number instead of counting the events: exactly, to six decimals. */
  sum(property: Or<NumberIn<Properties>, Misuse<'this event has no number to sum'>>): Measured<E>
}

/** `active()` as it begins. On its own it means at least once; in a sequence it is a step. */
export interface ActiveStart<E extends Events> extends Counted<E>, EventStep {
  /** Counts the different sessions it was done in instead of the events. */
  sessions(): Measured<E>
  /** Counts the different UTC days it was done on instead of the events. */
  days(): Measured<E>
  atLeast(count: number): AtLeast<E>
  atMost(count: number): Counted<E>
  never(): Counted<E>
}

/** An event with its tests, as a step of a sequence. */
export interface EventStep {
  readonly match: EventMatch
}

/** Needs a comparison to become a condition. */
export interface Measured<E extends Events> {
  atLeast(amount: number): AtLeast<E>
  atMost(amount: number): Counted<E>
}

export interface AtLeast<E extends Events> extends Counted<E> {
  /** The matching events must also fall in this many different sessions or UTC days. */
  across(count: number, unit: 'sessions' | 'days'): Counted<E>
  /** The matching events must also fall in this many different sessions, and this many UTC days. */
  consistent(units: { readonly sessions: number; readonly days?: number } | { readonly sessions?: number; readonly days: number }): Counted<E>
}

export interface Counted<E extends Events> extends Expression {
  /** Only what happened in the last so long; with `.of(…)`, in the time after an event. */
  within(length: Duration): Within<E>
  /** Only what happened in the user's first so long, from their first event of any kind on. */
  during(span: `first ${Duration}`): Expression
}

export interface Within<E extends Events> extends Expression {
  /** The window opens at the user's first such event instead of sliding with time. */
  of<Name extends (keyof E | keyof BuiltInEvents) & string>(anchor: Name, where?: Where<PropertiesOf<E, Name>>): Expression
}

type NumberIn<Properties> = Properties extends unknown
  ? { [Name in keyof Properties]-?: NonNullable<Properties[Name]> extends number ? Name : unknown extends Properties[Name] ? Name : never }[keyof Properties] &
      string
  : never

export function buildDid<E extends Events, Properties>(event: string, where: object | undefined): DidStart<E, Properties> {
  const match: EventMatch = { event, where: testsOf(where) }
  const once: Did = { kind: 'did', ...match, measure: { of: 'count' }, compare: 'atLeast', value: 1 }
  const { atLeast, atMost } = measured<E>(once)
  return {
    ...counted<E>(once),
    match,
    atLeast,
    atMost,
    never: () => atMost(0),
    sessions: () => measured({ ...once, measure: { of: 'sessions' } }),
    days: () => measured({ ...once, measure: { of: 'days' } }),
    distinct: (property) => measured({ ...once, measure: { of: 'distinct', property } }),
    sum: (property) => measured({ ...once, measure: { of: 'sum', property: property as string } }),
  }
}

function measured<E extends Events>(did: Did): Measured<E> {
  return {
    atLeast(value) {
      const atLeast: Did = { ...did, compare: 'atLeast', value }
      return {
        ...counted<E>(atLeast),
        // As it is written: what is no unit is then refused by name when the config is loaded.
        across: (count, unit) => counted({ ...atLeast, across: { [unit]: count } }),
        consistent: (spread) => counted({ ...atLeast, across: { ...spread } }),
      }
    },
    atMost: (value) => counted({ ...did, compare: 'atMost', value }),
  }
}

function counted<E extends Events>(did: Did): Counted<E> {
  return {
    ...express(did),
    within(duration) {
      const length = milliseconds(duration)
      return {
        ...express({ ...did, window: { length } }),
        of: (event, where) => express({ ...did, window: { length, anchor: { event, where: testsOf(where) } } }),
      }
    },
    during: (span) => express({ ...did, window: { length: lengthOf(span), anchor: 'firstSeen' } }),
  }
}

function lengthOf(span: string): number {
  const [word, duration = '', ...rest] = span.split(' ')
  if (word === 'first' && rest.length === 0) return milliseconds(duration as Duration)
  throw new WaymarkError('SPAN_INVALID', `'${span}' is not a span of a user's time`, { mend: "write for example 'first 7d'" })
}
