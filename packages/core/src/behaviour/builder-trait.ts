import type { Operator } from './ast.ts'
import { type Expression, express } from './builder-expression.ts'
import { type Contained, type Operand, type Ordered, operand } from './where.ts'

/** Tests of one trait of the user. A trait that is not set passes only `isNot`. */
export interface TraitTests<Value> {
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

export function buildTrait<Value>(property: string): TraitTests<Value> {
  const test = (is: Operator) => (value: unknown) => express({ kind: 'trait', test: { property, is, value: operand(value) } })
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
