import type { Decision, Transaction } from '@waymark/core'
import type { Applied } from './apply.ts'
import type { Held, Profiles } from './profiles.ts'

/**
 * Writes into a commit of others, when the rest of it is done: one fsync serves all. It may be called again, when that commit failed.
 * What comes back is done once the commit is on disk, before anything else is written.
 */
export type Joined = (tx: Transaction, so: SoFar) => Promise<() => void>

/** What a commit has come to when others join it. */
export interface SoFar {
  readonly decisions: readonly Decision[]
  /** The profiles there are among these, as the commit leaves them. */
  load(ids: readonly string[]): Promise<ReadonlyMap<string, Held>>
}

export function soFar(
  { decisions, profiles: changed, removed }: Pick<Applied, 'decisions' | 'profiles' | 'removed'>,
  profiles: Profiles,
  tx: Transaction,
): SoFar {
  return {
    decisions,
    async load(ids) {
      const held = await profiles.load(ids, tx)
      for (const id of removed) held.delete(id)
      for (const id of ids) {
        const one = changed.get(id)
        if (one !== undefined) held.set(id, one)
      }
      return held
    },
  }
}
