/** A parameter as `pg` takes it: as text, but for a `Buffer`, which goes in PostgreSQL's binary form. */
export type Value = string | number | null | Buffer

/** The type of the elements, `text`, by its number in every server. */
const TEXT = 25
const HEADER = 20

/**
 * `text[]` in binary form: how many dimensions, whether there are nulls, the type, how many elements, the first index, and then each with its
 * length before it. The literal `{"…"}` has every quote of a JSON body escaped here and unescaped there, which takes four times as long.
 */
export function texts(values: readonly (string | null)[]): Buffer {
  const lengths = values.map((value) => (value === null ? 0 : Buffer.byteLength(value)))
  const buffer = Buffer.allocUnsafe(lengths.reduce((size, length) => size + 4 + length, HEADER))
  buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0)
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4)
  buffer.writeInt32BE(TEXT, 8)
  buffer.writeInt32BE(values.length, 12)
  buffer.writeInt32BE(1, 16)
  let at = HEADER
  values.forEach((value, index) => {
    at = buffer.writeInt32BE(value === null ? -1 : (lengths[index] as number), at)
    if (value !== null) at += buffer.write(value, at)
  })
  return values.length === 0 ? buffer.subarray(0, 12) : buffer
}

/** An array of numbers, whole or not, as a literal. */
export function numbers(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}
