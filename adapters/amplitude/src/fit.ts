import type { JsonObject } from '@waymark/core'
import { isObject } from '@waymark/core'
import { cut, sanitize } from '@waymark/kit'
import { DEPTH, TEXT_LENGTH } from './limits.ts'

/**
 * A copy that Amplitude keeps as it is: JSON, texts of at most 1024 characters (it would cut them anywhere, also in the middle of a
 * character), at most 40 levels (it refuses more).
 */
export function fitting(value: object): JsonObject {
  return fitted(sanitize(value), DEPTH) as JsonObject
}

function fitted(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return cut(value, TEXT_LENGTH)
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return '[too deep]'
  if (Array.isArray(value)) return value.map((item) => fitted(item, levels - 1))
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [cut(key, TEXT_LENGTH), fitted(inner, levels - 1)])) : value
}
