import { isObject, type Json, type JsonObject, same } from '../json.ts'

/** A schema yielded something that JSON cannot hold; the message begins with the property. */
export class NotJson extends Error {}

/**
 * What a schema yields, laid over what was sent, as plain JSON: dates become ISO 8601 strings, and what has a `toJSON`
 * what that says. `raw` itself comes back when nothing changed. With `carriedOnly`, keys that were not sent are left out.
 */
export function applyOutput(raw: JsonObject, output: object, carriedOnly: boolean): JsonObject {
  let result: Record<string, Json | undefined> | undefined
  for (const key in output) {
    const value = (output as Record<string, unknown>)[key]
    const sent = Object.hasOwn(raw, key) ? raw[key] : undefined
    if (value === sent || key === '__proto__' || (carriedOnly && !Object.hasOwn(raw, key))) continue
    const json = jsonOf(value, key)
    // Schemas rebuild lists and objects that they leave as they are.
    if (result === undefined && same(json, sent)) continue
    result ??= { ...raw }
    if (json === undefined) delete result[key]
    else result[key] = json
  }
  return result ?? raw
}

function jsonOf(value: unknown, place: string): Json | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined) return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new NotJson(`${place}: its schema yields ${value}, which JSON cannot hold`)
  }
  if (Array.isArray(value)) return value.map((item, index) => jsonOf(item, `${place}[${index}]`) ?? null)
  if (!isObject(value)) throw new NotJson(`${place}: its schema yields a ${typeof value}, which JSON cannot hold`)
  if (typeof value['toJSON'] === 'function') return jsonOf(value['toJSON'](), place)
  if (value instanceof Map || value instanceof Set) throw new NotJson(`${place}: its schema yields a ${value.constructor.name}, which JSON cannot hold`)
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, jsonOf(item, `${place}.${key}`)]])))
}
