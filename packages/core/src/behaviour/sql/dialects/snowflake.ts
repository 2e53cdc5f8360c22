import type { Json } from '../../../json.ts'
import type { Dialect } from '../dialect.ts'
import { escaped, isAmount, number, plainOr } from '../literal.ts'
import { guarded } from './filtered.ts'

/** `properties` and `traits` are VARIANT or OBJECT. */
export const snowflake: Dialect = {
  text,
  identifier: plainOr((name) => `"${name.replaceAll('"', '""')}"`),
  now: "DATE_PART('EPOCH_MILLISECOND', CURRENT_TIMESTAMP())",
  decimal: (digits) => `${digits}::NUMBER(38, 6)`,

  field: (object, key) => `GET(${object}, ${text(key)})`,
  hasField: (object, key) => `(GET(${object}, ${text(key)}) IS NOT NULL)`,
  isPresent: (value) => `COALESCE(TYPEOF(${value}) <> 'NULL_VALUE', FALSE)`,
  isNull: (value) => `TYPEOF(${value}) = 'NULL_VALUE'`,
  equals,
  asText,
  asNumber,
  asDecimal: (value) => `CASE WHEN ${isAmount(asNumber(value))} THEN TRY_TO_DECIMAL(TO_VARCHAR(${value}), 38, 6) END`,
  asKey: (value) => `NULLIF(TO_JSON(${value}), 'null')`,
  includes: (expression, part) => `CONTAINS(${expression}, ${text(part)})`,
  someItem: (value, passes) => `COALESCE(ARRAY_SIZE(FILTER(AS_ARRAY(${value}), item -> ${passes('item')})) > 0, FALSE)`,

  ...guarded,
  pickIf: (which, value, condition, order) =>
    `GET(ARRAY_AGG(CASE WHEN ${condition} THEN ${value} END) WITHIN GROUP (ORDER BY ${order
      .map((one) => `${one}${which === 'first' ? '' : ' DESC'}`)
      .join(', ')}), 0)::BOOLEAN`,
  binary: (column) => column,
}

function text(value: string): string {
  return escaped(value, "''")
}

function asText(value: string): string {
  return `CASE WHEN TYPEOF(${value}) = 'VARCHAR' THEN TO_VARCHAR(${value}) END`
}

function asNumber(value: string): string {
  return `CASE WHEN TYPEOF(${value}) IN ('INTEGER', 'DECIMAL', 'DOUBLE') THEN TRY_TO_DOUBLE(TO_VARCHAR(${value})) END`
}

function equals(value: string, operand: NonNullable<Json>): string {
  if (typeof operand === 'string') return `${asText(value)} = ${text(operand)}`
  if (typeof operand === 'number') return `${asNumber(value)} = ${number(operand)}`
  if (typeof operand === 'boolean') return `(TYPEOF(${value}) = 'BOOLEAN' AND TO_VARCHAR(${value}) = '${operand}')`
  return `${value} = PARSE_JSON(${text(JSON.stringify(operand))})`
}
