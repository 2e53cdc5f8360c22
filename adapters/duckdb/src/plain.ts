import { DuckDBDecimalValue, DuckDBListValue, type DuckDBValue } from '@duckdb/node-api'
import type { WarehouseValue } from '@waymark/core'

/** A value of DuckDB as the contract of warehouses has it. */
export function plain(value: DuckDBValue): WarehouseValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return whole(value)
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value
  if (value instanceof DuckDBDecimalValue) return decimal(value)
  if (value instanceof DuckDBListValue) return value.items.map(plain)
  return String(value)
}

function whole(value: bigint): number | string {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)
}

/** A number has some 15 digits for sure. */
function decimal(value: DuckDBDecimalValue): number | string {
  const digits = value.value < 0n ? -value.value : value.value
  return digits <= 999_999_999_999_999n ? value.toDouble() : String(value)
}
