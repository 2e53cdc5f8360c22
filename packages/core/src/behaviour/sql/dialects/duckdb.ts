import type { Json } from '../../../json.ts'
import type { Dialect } from '../dialect.ts'
import { doubled, isAmount, number, plainOr } from '../literal.ts'
import { filtered } from './filtered.ts'

/** `properties` and `traits` are JSON. */
export const duckdb: Dialect = {
  text,
  identifier: plainOr((name) => `"${name.replaceAll('"', '""')}"`),
  now: 'epoch_ms(now())',
  decimal: (digits) => `${digits}::DECIMAL(38, 6)`,

  field: (object, key) => `json_extract(${object}, ${path(key)})`,
  hasField: (object, key) => `json_exists(${object}, ${path(key)})`,
  isPresent: (value) => `COALESCE(${value} <> 'null'::JSON, FALSE)`,
  isNull: (value) => `${value} = 'null'::JSON`,
  equals,
  asText,
  asNumber: (value) => `CASE WHEN ${isNumber(value)} THEN ${value}::DOUBLE END`,
  asDecimal,
  asKey: (value) => `NULLIF(${value}::VARCHAR, 'null')`,
  includes: (expression, part) => `contains(${expression}, ${text(part)})`,
  someItem: (value, passes) =>
    `CASE WHEN json_type(${value}) = 'ARRAY' THEN len(list_filter(json_extract(${value}, '$[*]'), LAMBDA item: ${passes('item')})) > 0 END`,

  ...filtered,
  pickIf: (which, value, condition, order) =>
    `${which === 'first' ? 'ARG_MIN' : 'ARG_MAX'}(CASE WHEN ${condition} THEN ${value} END, ${order.length === 1 ? order[0] : `(${order.join(', ')})`}) FILTER (WHERE ${condition})`,
  binary: (column) => column,
}

function text(value: string): string {
  return doubled(value)
}

/** In quotes a star stands for every key all the same, so what quotes do not hold is written as a JSON pointer. */
function path(key: string): string {
  return text(/^$|["\\*]/.test(key) ? `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` : `$."${key}"`)
}

/** By its first character, which costs less than asking for the type: nothing else in JSON begins with a digit or a minus. */
function isNumber(value: string): string {
  return `${value}::VARCHAR BETWEEN '-' AND ':'`
}

/** Text that is no number casts to NULL. 18 digits take a tenth of the time, and only the largest amount of all does not fit. */
function asDecimal(value: string): string {
  const largest = isAmount(`TRY_CAST(${value}::VARCHAR AS DOUBLE)`)
  return `COALESCE(TRY_CAST(${value}::VARCHAR AS DECIMAL(18, 6))::DECIMAL(38, 6), CASE WHEN ${largest} THEN TRY_CAST(${value}::VARCHAR AS DECIMAL(38, 6)) END)`
}

function asText(value: string): string {
  return `CASE WHEN json_type(${value}) = 'VARCHAR' THEN ${value} ->> '$' END`
}

/** What is extracted is written anew in one form, so that one comparison of texts answers without looking at the type. */
function equals(value: string, operand: NonNullable<Json>): string {
  if (typeof operand === 'number') return `${duckdb.asNumber(value)} = ${number(operand)}`
  const written = JSON.stringify(operand)
  // Characters that may be escaped in more than one way.
  if (typeof operand === 'string' && /\\[^"\\]/.test(written.replaceAll('\\\\', ''))) return `${asText(value)} = ${text(operand)}`
  return `${value} = ${text(written)}::JSON`
}
