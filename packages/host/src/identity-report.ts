import type { IdentityKey, JournalEntry, JournalFilter, Store } from '@waymark/core'
import { ownerOf } from './identity-change.ts'

/** Who somebody is taken for, and how that came to be. */
export interface IdentityReport {
  /** As it was asked for. */
  readonly user: string
  readonly profile: string
  readonly ids: readonly IdentityKey[]
  /** Newest first. */
  readonly journal: readonly JournalEntry[]
}

/** Tells of a user by any of their ids; undefined when the store knows no such id. Reads only: the store may be a running host's. */
export async function identityOf(store: Store, user: string, page: Omit<JournalFilter, 'profile'> = {}): Promise<IdentityReport | undefined> {
  const profile = await ownerOf(user, store)
  if (profile === undefined) return undefined
  const [ids, journal] = [await store.keysOf(profile), await store.journal({ ...page, profile })]
  return { user, profile, ids, journal }
}
