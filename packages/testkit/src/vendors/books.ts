import type { Random } from '../simulation/random.ts'

/** One thing that a vendor is to keep. `key` is what the vendor knows it again by. */
export interface Item<T> {
  readonly key: string
  readonly value: T
}

/** What a vendor keeps, for the handler of one request. */
export interface Books<T> {
  /** The places of those that the vendor refuses for good, whatever the handler itself finds wrong with them. */
  refused(items: readonly Item<T>[]): readonly number[]
  /** Keeps them; one with a key that is there already is a copy and dropped, unless the vendor drops none. */
  keep(items: readonly Item<T>[]): void
}

/** The books over all requests. */
export interface Ledger<T> {
  readonly stored: T[]
  readonly copies: number
  refuse(key: string): void
  /** `picksOne`: one item of the request is refused from now on. */
  open(random: Random, picksOne: boolean): Books<T>
}

export function createLedger<T>(dedups: boolean): Ledger<T> {
  const stored: T[] = []
  const known = new Set<string>()
  const bad = new Set<string>()
  let copies = 0
  return {
    stored,
    get copies() {
      return copies
    },
    refuse: (key) => void bad.add(key),
    open: (random, picksOne) => ({
      refused(items) {
        // What is kept already cannot be refused any more: a copy of it is dropped.
        const fresh = items.filter(({ key }) => !known.has(key))
        if (picksOne && fresh.length > 0) bad.add(random.pick(fresh).key)
        return items.flatMap(({ key }, index) => (bad.has(key) ? [index] : []))
      },
      keep(items) {
        for (const { key, value } of items) {
          if (known.has(key)) copies += 1
          if (!known.has(key) || !dedups) stored.push(value)
          known.add(key)
        }
      },
    }),
  }
}
