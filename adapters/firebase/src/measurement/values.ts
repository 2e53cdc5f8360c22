import type { Json } from '@waymark/core'
import { isObject } from '@waymark/core'
import { cut } from '@waymark/kit'
import { ITEMS, LONGER_VALUES, PARAMS_AN_EVENT, PROPERTY_VALUE_LENGTH, VALUE_LENGTH } from '../limits.ts'
import { NO_VALUE } from '../mapping.ts'
import { paramName, propertyName } from '../names.ts'

type Entries = readonly (readonly [string, unknown])[]

/**
 * Parameters as Google takes them: objects flattened (`address.city` is `address_city`), lists as JSON, true and false as 1 and 0, texts cut, null
 * dropped, and only the first kept, `most` of them. `items` stays a list of objects.
 */
export function paramsFor(entries: Entries, most: number = PARAMS_AN_EVENT): Record<string, Json> {
  const params: Record<string, Json> = {}
  for (const [key, value] of flat(entries)) {
    if (Object.keys(params).length === most) break
    const name = paramName(key)
    const fit = key === 'items' && Array.isArray(value) ? itemsFor(value) : fitValue(value, LONGER_VALUES[name] ?? VALUE_LENGTH)
    if (fit !== undefined) params[free(params, name)] = fit
  }
  return params
}

/** User properties as Google takes them. One that is null says so with a word, since none can be taken back. */
export function propertiesFor(traits: Entries): Record<string, string | number> {
  const properties: Record<string, string | number> = {}
  for (const [key, value] of flat(traits)) {
    const fit = value === null ? NO_VALUE : fitValue(value, PROPERTY_VALUE_LENGTH)
    if (fit !== undefined) properties[propertyName(key)] = fit
  }
  return properties
}

function fitValue(value: unknown, length: number): string | number | undefined {
  if (typeof value === 'string') return cut(value, length)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  return Array.isArray(value) ? cut(JSON.stringify(value), length) : undefined
}

function itemsFor(items: readonly unknown[]): Json {
  return items.slice(0, ITEMS).flatMap((item): Json[] => (isObject(item) ? [paramsFor(Object.entries(item))] : []))
}

function flat(entries: Entries): Entries {
  return entries.flatMap(([key, value]) =>
    isObject(value) ? flat(Object.entries(value).map(([inner, deep]) => [`${key}_${inner}`, deep] as const)) : [[key, value]],
  )
}

/** Two names may become one when they are made valid: the second is told apart by a number. */
function free(params: Readonly<Record<string, unknown>>, name: string): string {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${cut(name, 37)}_${count}`
    if (!Object.hasOwn(params, candidate)) return candidate
  }
}
