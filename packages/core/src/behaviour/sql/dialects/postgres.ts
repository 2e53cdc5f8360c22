import type { Json } from '../../../json.ts'
import type { Dialect } from '../dialect.ts'
import { doubled, isAmount, number, plainOr } from '../literal.ts'
import { filtered } from './filtered.ts'

/** `properties` and `traits` are jsonb, or json. */
export const postgres: Dialect = {
  text,
  identifier: plainOr((name) => `"${name.replaceAll('"', '""')}"`),
  now: 'FLOOR(EXTRACT(EPOCH FROM NOW()) * 1000)::BIGINT',
  decimal: (digits) => `${digits}::NUMERIC`,

  field: (object, key) => `(${object} -> ${text(key)})::JSONB`,
  hasField: (object, key) => `((${object} -> ${text(key)}) IS NOT NULL)`,
  isPresent: (value) => `COALESCE(${value} <> 'null'::JSONB, FALSE)`,
  isNull: (value) => `${value} = 'null'::JSONB`,
  equals: (value, operand) => `${value} = ${json(operand)}`,
  asText: (value) => `CASE WHEN jsonb_typeof(${value}) = 'string' THEN ${value} #>> '{}' END COLLATE "C"`,
  asNumber,
  asDecimal: (value) => `CASE WHEN ${isAmount(asNumber(value))} THEN ROUND(${asNumber(value)}, 6) END`,
  asKey: (value) => `NULLIF(${value}, 'null'::JSONB)`,
  includes: (expression, part) => `STRPOS(${expression}, ${text(part)}) > 0`,
  someItem: (value, passes) =>
    `EXISTS (SELECT 1 FROM jsonb_array_elements(CASE WHEN jsonb_typeof(${value}) = 'array' THEN ${value} END) AS items (item) WHERE ${passes('item')})`,

  ...filtered,
  pickIf: (which, value, condition, order) =>
    `(ARRAY_AGG(${value} ORDER BY ${order.map((one) => `${one}${which === 'first' ? '' : ' DESC'}`).join(', ')}) FILTER (WHERE ${condition} AND ${value} IS NOT NULL))[1]`,
  binary: (column) => `${column} COLLATE "C"`,
}

function text(value: string): string {
  return doubled(value)
}

function json(operand: Json): string {
  return `${text(typeof operand === 'number' ? number(operand) : JSON.stringify(operand))}::JSONB`
}

function asNumber(value: string): string {
  return `CASE WHEN jsonb_typeof(${value}) = 'number' THEN ${value}::NUMERIC END`
}
