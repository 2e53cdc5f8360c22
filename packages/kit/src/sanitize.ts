import type { JsonObject } from '@waymark/core'
import { isObject } from '@waymark/core'

const DEEPEST = 64

/**
 * A copy that surely becomes JSON. The SDK reports success and sends nothing when a value cannot: a BigInt, a circle,
 * half of a surrogate pair. BigInts become their digits, circles and depths a word, dates ISO 8601.
 */
export function sanitize(value: object): JsonObject {
  const copy = clean(value, new Set())
  return isObject(copy) ? (copy as JsonObject) : {}
}

function clean(value: unknown, inside: Set<object>): unknown {
  if (typeof value === 'string') return whole(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean' || value === null) return value
  if (typeof value !== 'object') return undefined
  if (inside.has(value)) return '[circular]'
  if (inside.size === DEEPEST) return '[too deep]'
  inside.add(value)
  const copy = contents(value, inside)
  inside.delete(value)
  return copy
}

function contents(value: object, inside: Set<object>): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  // Not `map`, which passes over holes.
  if (Array.isArray(value)) return Array.from(value, (item) => clean(item, inside) ?? null)
  if ('toJSON' in value && typeof value.toJSON === 'function') return clean(value.toJSON(), inside)
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const copy = clean(inner, inside)
    return copy === undefined || key === '__proto__' ? [] : [[whole(key), copy]]
  })
  return Object.fromEntries(entries)
}

function whole(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD')
}
