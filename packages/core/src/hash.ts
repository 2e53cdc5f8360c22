/** FNV-1a, 32 bits, over UTF-16 code units. */
export function fnv1a32(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/** A short name for a text: two independent 32-bit hashes in hex. To tell versions apart, not for secrets. */
export function fingerprint(text: string): string {
  const hex = (hash: number) => hash.toString(16).padStart(8, '0')
  return hex(fnv1a32(text)) + hex(fnv1a32(text, 0x9dc5811c))
}
