import type { Store } from '@waymark/core'

/** A store that can be told to write nothing for a while, as on a full disk. */
export function fallible(store: Store): Store & { isFull: boolean } {
  const made = {
    ...store,
    isFull: false,
    transaction: <T>(work: Parameters<typeof store.transaction<T>>[0]) => (made.isFull ? Promise.reject(new Error('no space left')) : store.transaction(work)),
  }
  return made
}
