import type { Json } from '../../../json.ts'
import type { Dialect } from '../dialect.ts'
import { escaped, isAmount, nameable, number } from '../literal.ts'
import { guarded } from './filtered.ts'

/** `properties` and `traits` are JSON. */
export const bigquery: Dialect = {
  text,
  identifier: (name) => `\`${nameable(name).replaceAll(/[\\`]/g, '\\$&')}\``,
  now: 'UNIX_MILLIS(CURRENT_TIMESTAMP())',
  decimal: (digits) => `BIGNUMERIC '${digits}'`,

  field: (object, key) => `${object}[${text(key)}]`,
  hasField: (object, key) => `(${object}[${text(key)}] IS NOT NULL)`,
  isPresent: (value) => `COALESCE(JSON_TYPE(${value}) <> 'null', FALSE)`,
  isNull: (value) => `JSON_TYPE(${value}) = 'null'`,
  equals,
  asText,
  asNumber,
  asDecimal: (value) => `CASE WHEN ${isAmount(asNumber(value))} THEN ROUND(SAFE_CAST(JSON_VALUE(${value}) AS BIGNUMERIC), 6) END`,
  asKey: (value) => `NULLIF(TO_JSON_STRING(${value}), 'null')`,
  includes: (expression, part) => `STRPOS(${expression}, ${text(part)}) > 0`,
  someItem: (value, passes) => `EXISTS (SELECT 1 FROM UNNEST(JSON_QUERY_ARRAY(${value})) AS item WHERE ${passes('item')})`,

  ...guarded,
  pickIf: (which, value, condition, order) =>
    `ARRAY_AGG(CASE WHEN ${condition} THEN ${value} END IGNORE NULLS ORDER BY ${order
      .map((one) => `${one}${which === 'first' ? '' : ' DESC'}`)
      .join(', ')} LIMIT 1)[SAFE_OFFSET(0)]`,
  binary: (column) => column,
}

function text(value: string): string {
  return escaped(value, "\\'")
}

function asText(value: string): string {
  return `CASE WHEN JSON_TYPE(${value}) = 'string' THEN JSON_VALUE(${value}) END`
}

function asNumber(value: string): string {
  return `CASE WHEN JSON_TYPE(${value}) = 'number' THEN SAFE_CAST(JSON_VALUE(${value}) AS FLOAT64) END`
}

function equals(value: string, operand: NonNullable<Json>): string {
  if (typeof operand === 'string') return `${asText(value)} = ${text(operand)}`
  if (typeof operand === 'number') return `${asNumber(value)} = ${number(operand)}`
  return `TO_JSON_STRING(${value}) = ${text(JSON.stringify(operand))}`
}
