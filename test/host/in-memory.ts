import type { Profile, Store } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'

/** A store in memory that hands over what a checkpoint writes, which at the end is everybody. */
export function inMemory(): { readonly store: Store; readonly profiles: Map<string, Profile> } {
  const store = sqlite(':memory:')
  const profiles = new Map<string, Profile>()
  return {
    profiles,
    store: {
      ...store,
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            async checkpoint(taken) {
              for (const { profile } of taken) profiles.set(profile.id, profile)
            },
          }),
        ),
    },
  }
}
