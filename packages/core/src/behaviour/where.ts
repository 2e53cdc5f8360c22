import { WaymarkError } from '../errors.ts'
import { isObject, type Json } from '../json.ts'
import { didYouMean } from '../plan/suggest.ts'
import type { Operator, PropertyTest } from './ast.ts'

/** Tests of an event's properties, all of which must pass: `{ advanced: true, seats: { gte: 3 }, plan: { in: ['free', 'pro'] } }`. */
export type Where<Properties> = Properties extends object ? { readonly [Name in keyof Properties]?: ValueTest<Properties[Name]> } : never

/** A value alone means equality; an object holds operators, all of which must pass. */
export type ValueTest<Value> = [Value] extends [never] ? Misuse<'the schema has no such property'> : Scalar<Value> | Operators<Value>

export interface Operators<Value> {
  readonly eq?: Operand<Value>
  /** Also passes when the property is missing. */
  readonly ne?: Operand<Value>
  readonly in?: readonly Operand<Value>[]
  readonly exists?: boolean
  readonly gt?: Ordered<Value>
  readonly gte?: Ordered<Value>
  readonly lt?: Ordered<Value>
  readonly lte?: Ordered<Value>
  /** Part of a text, or an item of a list. */
  readonly contains?: Contained<Value>
}

/** What a value is compared with: never null, which equals nothing. Dates are kept as ISO 8601 strings, which order as the times they name. */
export type Operand<Value> = Value extends null | undefined ? never : Value extends Date ? Date | string : Value
export type Ordered<Value> = Or<Orderable<Value>, Misuse<'only numbers, dates and texts have an order'>>
export type Contained<Value> = Or<Container<Value>, Misuse<'only texts and lists contain something'>>

/** A type that nothing fits: the compiler's error then says the sentence. */
export interface Misuse<Sentence extends string> {
  readonly '~misuse': Sentence
}

/** The property names of an object, or of each object in a union. */
export type NameIn<Properties> = Properties extends unknown ? ([Properties[keyof Properties]] extends [never] ? never : keyof Properties & string) : never
export type ValueIn<Properties, Name> = Properties extends unknown ? (Name extends keyof Properties ? Properties[Name] : never) : never
export type Or<Type, Otherwise> = [Type] extends [never] ? Otherwise : Type

type Scalar<Value> = unknown extends Value
  ? string | number | boolean
  : Value extends string | number | boolean
    ? Value
    : Value extends Date
      ? Date | string
      : never
type Orderable<Value> = unknown extends Value
  ? number | string | Date
  : Value extends number
    ? number
    : Value extends Date
      ? Date | string
      : string extends Value
        ? string
        : never
type Container<Value> = unknown extends Value ? Json : Value extends string ? string : Value extends readonly (infer Item)[] ? Operand<Item> : never

export const OPERATORS: readonly Operator[] = ['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'exists', 'contains']

/** The tests that a where-object stands for, in the order they are written. */
export function testsOf(where: object | undefined): readonly PropertyTest[] {
  return Object.entries(where ?? {}).flatMap(([property, given]): readonly PropertyTest[] => {
    if (given === undefined) return []
    if (!isObject(given) || given instanceof Date) return [{ property, is: 'eq', value: operand(given) }]
    const tests = Object.entries(given).filter(([, value]) => value !== undefined)
    if (tests.length === 0)
      throw new WaymarkError('TEST_EMPTY', `the test of '${property}' is empty`, { mend: `write a value, or operators: ${OPERATORS.join(', ')}` })
    return tests.map(([name, value]) => ({ property, is: operator(name, property), value: operand(value) }))
  })
}

/** As the value stands in JSON. */
export function operand(value: unknown): Json {
  if (value instanceof Date) return value.toISOString()
  return Array.isArray(value) ? value.map(operand) : (value as Json)
}

function operator(name: string, property: string): Operator {
  const known = OPERATORS.find((one) => one === name)
  if (known !== undefined) return known
  throw new WaymarkError('OPERATOR_UNKNOWN', `'${name}' in the test of '${property}' is not an operator.${didYouMean(name, OPERATORS)}`, {
    mend: `use one of ${OPERATORS.join(', ')}`,
  })
}
