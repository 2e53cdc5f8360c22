/**
 * Ids come from outside and may hold anything, but databases do not: SQLite hands text back only up to the first NUL, PostgreSQL
 * takes none, and UTF-8 has no place for half a surrogate pair, so that two different people could read back as one. Those
 * characters are written escaped.
 */
export function toText(value: string): string {
  return UNUSUAL.test(value) ? value.replace(UNSAFE, escaped) : value
}

export function fromText(text: string): string {
  return text.includes('\\') ? text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) : text
}

/** Also a surrogate in its pair, which is harmless: quickly told, and rare. */
const UNUSUAL = /[\\\0\ud800-\udfff]/
// With the `u` flag a surrogate matches only where it stands alone.
const UNSAFE = /[\\\0\ud800-\udfff]/gu
const ESCAPED = /\\([0-9a-f]{4})/g

function escaped(character: string): string {
  return `\\${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
