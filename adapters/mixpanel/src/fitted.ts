import type { Json, JsonObject } from '@waymark/core'
import { isObject } from '@waymark/core'
import { cut, cutBytes, jsonBytes } from '@waymark/kit'
import { DEPTH, NAME_LENGTH, PROPERTIES, TEXT_BYTES } from './limits.ts'

export interface Room {
  /** Most properties. */
  readonly properties: number
  /** Most bytes of one list or object. */
  readonly bytes: number
}

/**
 * Properties within Mixpanel's limits: it would cut or refuse them. Names and texts are cut, at a character; what nests too deep becomes text;
 * of lists and objects that are too large, and of too many properties, the first remain.
 */
export function fitted(properties: JsonObject, room: Room): Record<string, Json> {
  const kept = Object.entries(properties).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept.slice(0, room.properties).map(([name, value]) => [cut(name, NAME_LENGTH), fitValue(value as Json, room.bytes)]))
}

function fitValue(value: Json, bytes: number): Json {
  return within(nested(value, 1), bytes)
}

function nested(value: Json, depth: number): Json {
  if (typeof value === 'string') return cutBytes(value, TEXT_BYTES)
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH) return cutBytes(JSON.stringify(value), TEXT_BYTES)
  if (!isObject(value)) return (value as readonly Json[]).slice(0, PROPERTIES).map((item) => nested(item, depth + 1))
  const inner = Object.entries(value as JsonObject).filter(([, item]) => item !== undefined)
  return Object.fromEntries(inner.slice(0, PROPERTIES).map(([name, item]) => [cut(name, NAME_LENGTH), nested(item as Json, depth + 1)]))
}

/** As many of the first elements as have room. */
function within(value: Json, most: number): Json {
  if (typeof value !== 'object' || value === null || jsonBytes(value) <= most) return value
  let left = most - 2
  const hasRoom = (item: unknown): boolean => {
    left -= jsonBytes(item) + 1
    return left >= 0
  }
  if (Array.isArray(value)) return (value as Json[]).filter(hasRoom)
  return Object.fromEntries(Object.entries(value as JsonObject).filter(([name, item]) => hasRoom([name, item])))
}
