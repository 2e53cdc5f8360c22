import type { Json } from '../../../json.ts'
import type { Dialect } from '../dialect.ts'
import { escaped, isAmount, number, plainOr } from '../literal.ts'
import { guarded } from './filtered.ts'

/** `properties` and `traits` are String with JSON in it; a value is JSON text, and missing where it is empty. */
export const clickhouse: Dialect = {
  text,
  identifier: plainOr((name) => `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``),
  // A subquery is worked out once.
  now: '(SELECT toUnixTimestamp64Milli(now64(3)))',
  decimal: (digits) => `toDecimal256('${digits}', 6)`,

  field: (object, key) => `JSONExtractRaw(${object}, ${text(key)})`,
  hasField: (object, key) => `(JSONHas(${object}, ${text(key)}) = 1)`,
  isPresent: (value) => `(${value} NOT IN ('', 'null'))`,
  isNull: (value) => `${value} = 'null'`,
  equals,
  asText,
  asNumber,
  // Read from text, digits past the last are cut off, so they are read first and rounded then.
  asDecimal: (value) => `CASE WHEN ${isAmount(asNumber(value))} THEN round(toDecimal256OrNull(${value}, 30), 6) END`,
  asKey: (value) => `NULLIF(NULLIF(${value}, ''), 'null')`,
  includes: (expression, part) => `position(${expression}, ${text(part)}) > 0`,
  someItem: (value, passes) => `arrayExists(item -> ${passes('item')}, JSONExtractArrayRaw(${value}))`,

  ...guarded,
  pickIf: (which, value, condition, order) =>
    `${which === 'first' ? 'argMinOrNullIf' : 'argMaxOrNullIf'}(${value}, ${order.length === 1 ? order[0] : `(${order.join(', ')})`}, ${condition})`,
  binary: (column) => column,
  settings: ['join_use_nulls = 1'],
  materialized: { keyword: 'MATERIALIZED ', setting: 'enable_materialized_cte = 1' },
}

function text(value: string): string {
  return escaped(value, "\\'")
}

function asText(value: string): string {
  return `CASE WHEN JSONType(${value}) = 'String' THEN JSONExtractString(${value}) END`
}

function asNumber(value: string): string {
  return `CASE WHEN JSONType(${value}) IN ('Int64', 'UInt64', 'Double') THEN JSONExtractFloat(${value}) END`
}

function equals(value: string, operand: NonNullable<Json>): string {
  if (typeof operand === 'string') return `${asText(value)} = ${text(operand)}`
  if (typeof operand === 'number') return `${asNumber(value)} = ${number(operand)}`
  return `${value} = ${text(JSON.stringify(operand))}`
}
