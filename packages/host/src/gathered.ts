import type { IdentityKey, Transaction } from '@waymark/core'
import { isUserKey } from './identity.ts'

export interface Gathered {
  readonly reason: string
  /** Whether the profile has room for these ids beside its own; they count from then on. */
  take(profile: string, keys: readonly IdentityKey[]): Promise<boolean>
}

/** How many ids profiles have gathered, read once each. */
export function createGathered(tx: Transaction, maxMerged: number): Gathered {
  const counts = new Map<string, { users: number; visitors: number }>()

  async function countOf(profile: string): Promise<{ users: number; visitors: number }> {
    const known = counts.get(profile)
    if (known !== undefined) return known
    const keys = await tx.keysOf(profile)
    const users = keys.filter(isUserKey).length
    const count = { users: users - 1, visitors: keys.length - users }
    counts.set(profile, count)
    return count
  }

  return {
    reason: `it would have more than ${maxMerged} ids (identity.maxMerged): so many are not one person, but an id that many share`,
    async take(profile, keys) {
      const count = await countOf(profile)
      const users = count.users + keys.filter(isUserKey).length
      const visitors = count.visitors + keys.length - keys.filter(isUserKey).length
      if (users > maxMerged || visitors > maxMerged) return false
      counts.set(profile, { users, visitors })
      return true
    },
  }
}
