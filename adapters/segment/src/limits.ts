/** Segment's own limits, in bytes and counts. */
export const EVENT_BYTES: number = 32 * 1024
export const BATCH_BYTES: number = 500 * 1024
export const BATCH_EVENTS = 2500

/** How deep an event may nest, itself being the first level. */
const DEPTH = 32

/** What a batch may come to once its common context stands in each of its events. */
export const EXPANDED_BYTES: number = 8 * BATCH_BYTES

/** Why a value is not safe to keep; undefined when it is. */
export function unsafe(value: unknown, depth: number = DEPTH): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === 0) return `it nests deeper than ${DEPTH} levels`
  if (Object.hasOwn(value, '__proto__')) return "it has a field named '__proto__'"
  for (const inner of Object.values(value)) {
    const reason = unsafe(inner, depth - 1)
    if (reason !== undefined) return reason
  }
  return undefined
}

export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}
