import { isObject } from '@waymark/core'

/** Reads `context.page.url` out of an event; undefined where the way ends early. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value)
}

/** Writes `value` to `context.page.url` of `target`; what is no object on the way becomes one. */
export function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() as string
  const inner = keys.reduce((object, key) => {
    const next = object[key]
    if (isObject(next)) return next
    const made: Record<string, unknown> = {}
    object[key] = made
    return made
  }, target)
  inner[last] = value
}
