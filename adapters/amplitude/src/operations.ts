import type { JsonObject } from '@waymark/core'
import { isObject } from '@waymark/core'

/** What Amplitude can do to a user's or group's properties, in the order in which it does it. */
const OPERATIONS = ['$clearAll', '$unset', '$set', '$setOnce', '$add', '$append', '$prepend', '$preInsert', '$postInsert', '$remove'] as const

/** Properties as they go over the wire: operations alone. Amplitude drops plain keys that stand beside one. */
export type Operations = Readonly<Record<string, unknown>>

/** A property that is taken away has this value under `$unset`. */
const GONE = '-'

/**
 * Traits as operations: null takes one away, others are set. A trait named like an operation is that operation, so that nothing is ever mixed.
 * `more`: operations that traits cannot say.
 */
export function toOperations(traits: JsonObject, more: unknown): Operations {
  const operations: Record<string, unknown> = {}
  const add = (operation: string, key: string, value: unknown) => {
    operations[operation] = { ...(isObject(operations[operation]) ? operations[operation] : {}), [key]: value }
  }
  const given = isObject(more) ? Object.entries(more) : []
  for (const [key, value] of [...given, ...Object.entries(traits)]) {
    if (isOperation(key)) {
      if (isObject(value)) for (const [inner, operand] of Object.entries(value)) add(key, inner, operand)
      else operations[key] = value
    } else if (value === null) add('$unset', key, GONE)
    else if (value !== undefined) add('$set', key, value)
  }
  return operations
}

/** Properties from the wire as traits, and the operations that need to know what was there before: `$add`, `$setOnce`, `$append` … */
export function fromOperations(properties: Record<string, unknown>): { readonly traits: Record<string, unknown>; readonly more: Record<string, unknown> } {
  if (!Object.keys(properties).some(isOperation)) return { traits: properties, more: {} }
  const { $set, $unset, ...rest } = properties
  const gone = Object.keys(isObject($unset) ? $unset : {}).map((key) => [key, null])
  return {
    traits: { ...Object.fromEntries(gone), ...(isObject($set) ? $set : {}) },
    more: Object.fromEntries(Object.entries(rest).filter(([key]) => isOperation(key))),
  }
}

function isOperation(key: string): boolean {
  return (OPERATIONS as readonly string[]).includes(key)
}
