/** Amplitude refuses an upload with one of these. In small letters; trimmed, as people compare them. */
const BANNED: ReadonlySet<string> = new Set([
  ...['anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '', '{}', 'lmy47d', '0', '-1'],
  '00000000-0000-0000-0000-000000000000',
])

export function isBanned(id: string): boolean {
  return BANNED.has(id.trim().toLowerCase())
}
