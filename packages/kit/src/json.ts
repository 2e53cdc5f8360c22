/** How deep an event may nest, itself being the first level. */
const DEPTH = 32

/** Why a value from outside is not safe to keep; undefined when it is. */
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

/** How many bytes a value is as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** The first `most` UTF-16 code units of a text, without half of a surrogate pair at its end. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
}

/** The longest beginning of a text that has at most so many bytes in UTF-8; no character is split. */
export function cutBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(most))
  return text.slice(0, read)
}
