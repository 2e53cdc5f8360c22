/** Chance from a seed: the same seed and name give the same numbers. */
export interface Random {
  /** From 0 up to 1. */
  next(): number
  /** A whole number from 0 up to `bound`. */
  below(bound: number): number
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
}

/**
 * A stream of its own for each name, so that one part of a world drawing more does not change what the others draw.
 * The generator is sfc32, seeded from an FNV-1a hash of seed and name.
 */
export function randomOf(seed: number, name: string): Random {
  const [first, second] = [hash(`${seed}:${name}`), hash(`${name}:${seed}`)]
  let [a, b, c, count] = [first, second, first ^ second, 1]

  function next(): number {
    const sum = (((a + b) | 0) + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }

  // The first numbers of seeds that differ in a bit are alike.
  for (let round = 0; round < 12; round += 1) next()
  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    next,
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => next() < probability,
    pick: <T>(items: readonly T[]) => items[below(items.length)] as T,
  }
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value
}
