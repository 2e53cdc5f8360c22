import type { Json } from '../../json.ts'

/**
 * What the compiler must know of a database. Expressions of SQL go in and come out as text; a `value` is an expression of a
 * JSON value as `field` gives it. Conditions are SQL's own: true, false, or NULL where something is missing.
 */
export interface Dialect {
  /** A text as a literal. With `identifier` the only place where raw words become SQL. */
  readonly text: (value: string) => string
  /** The name of a table or column in quotes. */
  readonly identifier: (name: string) => string
  /** Epoch milliseconds, the same wherever it stands in a query. */
  readonly now: string
  /** Decimal digits as an exact number. */
  readonly decimal: (digits: string) => string

  /** The value under an object's own key; NULL where there is none. */
  readonly field: (object: string, key: string) => string
  /** Whether an object has a key of its own, be its value null; never NULL for an object. */
  readonly hasField: (object: string, key: string) => string
  /** Whether a value is neither missing nor null; never NULL. */
  readonly isPresent: (value: string) => string
  /** Whether a value is the same, type included, as a text, number, boolean, list or object; NULL or false where it is not. */
  readonly equals: (value: string, operand: NonNullable<Json>) => string
  /** A value that is a text, as text that orders byte by byte; else NULL. */
  readonly asText: (value: string) => string
  /** A value that is a number, as a number; else NULL. */
  readonly asNumber: (value: string) => string
  /** A value that is an amount, rounded to six decimals, half away from zero; else NULL. */
  readonly asDecimal: (value: string) => string
  /** A text that is the same for the same values and no others; NULL for what is missing or null. */
  readonly asKey: (value: string) => string
  /** Whether SQL text holds a text. */
  readonly includes: (text: string, part: string) => string
  /** Whether a value is a list with an item that passes. */
  readonly someItem: (value: string, passes: (item: string) => string) => string
  /** Whether a value is a JSON null. */
  readonly isNull: (value: string) => string

  /** `COUNT(*)`, or `SUM(x)` and so on, of the rows for which a condition is true. */
  readonly countIf: (condition: string) => string
  readonly aggregateIf: (aggregate: 'MIN' | 'MAX' | 'SUM', value: string, condition: string) => string
  /** How many different values, NULL not among them. */
  readonly distinctIf: (value: string, condition: string) => string
  /** The value in the first or last row, by `order`, for which a condition is true and the value is not NULL; NULL without one. */
  readonly pickIf: (which: 'first' | 'last', value: string, condition: string, order: readonly string[]) => string
  /** A text column to order by, byte by byte. */
  readonly binary: (column: string) => string
  /** Settings that a query ends with. */
  readonly settings?: readonly string[]
  /** How to have a relation worked out once that is read more than once, where that is not done anyway. */
  readonly materialized?: { readonly keyword: string; readonly setting: string }
}
