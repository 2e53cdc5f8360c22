/**
 * Bytes as text. The browser SDK writes a character beyond the first 65,536 as two surrogates of three bytes each (CESU-8), where UTF-8 has four bytes:
 * 😀 comes as ED A0 BD ED B8 80. Both are understood.
 */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(hasSurrogates(bytes) ? joined(bytes) : bytes)
}

function hasSurrogates(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xed); at !== -1; at = bytes.indexOf(0xed, at + 1)) if ((bytes[at + 1] ?? 0) >= 0xa0) return true
  return false
}

/** Pairs of surrogates as the one character they stand for. */
function joined(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; ) {
    const high = surrogateAt(bytes, at, 0xa0)
    const low = surrogateAt(bytes, at + 3, 0xb0)
    if (high === undefined || low === undefined) {
      whole[length++] = bytes[at++]!
      continue
    }
    const code = 0x10000 + high * 0x400 + low
    whole.set([0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)], length)
    length += 4
    at += 6
  }
  return whole.subarray(0, length)
}

/** The ten bits of the surrogate that begins here; `first` is the smallest second byte of its kind, high or low. */
function surrogateAt(bytes: Uint8Array, at: number, first: number): number | undefined {
  const [lead, second = 0, third = 0] = bytes.subarray(at, at + 3)
  if (lead !== 0xed || second < first || second > first + 0x0f || third < 0x80 || third > 0xbf) return undefined
  return ((second - first) << 6) | (third & 0x3f)
}
