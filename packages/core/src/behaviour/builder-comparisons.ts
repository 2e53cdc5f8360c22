import type { Operator, PropertyTest } from './ast.ts'
import type { Expression } from './builder-expression.ts'
import { type Contained, type Operand, type Ordered, operand } from './where.ts'

/** Tests of one value: a trait of the user, or a property of an event. One that is not there passes only `isNot`. */
export interface Comparisons<Value> {
  is(value: Operand<Value>): Expression
  isNot(value: Operand<Value>): Expression
  in(values: readonly Operand<Value>[]): Expression
  exists(): Expression
  atLeast(value: Ordered<Value>): Expression
  atMost(value: Ordered<Value>): Expression
  above(value: Ordered<Value>): Expression
  below(value: Ordered<Value>): Expression
  /** Part of a text, or an item of a list. */
  contains(part: Contained<Value>): Expression
}

/** The words for `property`, each of which makes a condition of its test. */
export function buildComparisons<Value>(property: string, make: (test: PropertyTest) => Expression): Comparisons<Value> {
  const test = (is: Operator) => (value: unknown) => make({ property, is, value: operand(value) })
  return {
    is: test('eq'),
    isNot: test('ne'),
    in: test('in'),
    exists: () => test('exists')(true),
    atLeast: test('gte'),
    atMost: test('lte'),
    above: test('gt'),
    below: test('lt'),
    contains: test('contains'),
  }
}
