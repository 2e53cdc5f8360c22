import type { Profile, Snapshot, Transaction } from '@waymark/core'

/** A profile and the last log entry it includes. */
export interface Held {
  readonly profile: Profile
  readonly seq: number
}

/**
 * Profiles in memory, over their snapshots. What a commit changed is put here only after the commit, so that memory
 * never runs ahead of the disk.
 */
export interface Profiles {
  /** The profiles there are among these, from memory or snapshot. */
  load(ids: readonly string[], tx: Transaction): Promise<Map<string, Held>>
  /** Whether it has become part of another. */
  isMerged(id: string): boolean
  /** Makes known what the log up to `upTo` has come to. */
  put(changed: ReadonlyMap<string, Held>, removed: readonly string[], upTo: number): void
  /** Changed since their snapshot. */
  dirty(): ReadonlyMap<string, Held>
  /** Their snapshots are written: they may leave memory. */
  written(snapshots: readonly Snapshot[]): void
  readonly size: number
  /** The last log entry that the profiles in memory include. */
  readonly upTo: number
}

/** Profiles kept in memory when nothing else says how many; the rest are read from their snapshots again. */
const KEPT = 200_000

export function createProfiles(kept: number = KEPT): Profiles {
  const held = new Map<string, Held>()
  const changedSince = new Map<string, Held>()
  const merged = new Set<string>()
  let upTo = 0

  return {
    get upTo() {
      return upTo
    },
    get size() {
      return held.size
    },
    async load(ids, tx) {
      const found = new Map<string, Held>()
      const missing: string[] = []
      for (const id of ids) {
        const there = held.get(id)
        if (there === undefined) missing.push(id)
        else found.set(id, there)
      }
      if (missing.length === 0) return found
      for (const [id, snapshot] of await tx.snapshots(missing)) found.set(id, snapshot)
      return found
    },
    isMerged: (id) => merged.has(id),
    put(changed, removed, seq) {
      upTo = Math.max(upTo, seq)
      for (const id of removed) {
        held.delete(id)
        changedSince.delete(id)
        merged.add(id)
      }
      for (const [id, one] of changed) {
        // It may have been taken out of another again.
        merged.delete(id)
        held.set(id, one)
        changedSince.set(id, one)
      }
    },
    dirty: () => changedSince,
    written(snapshots) {
      for (const { profile, seq } of snapshots) if (changedSince.get(profile.id)?.seq === seq) changedSince.delete(profile.id)
      for (const id of held.keys()) {
        if (held.size <= kept) break
        if (!changedSince.has(id)) held.delete(id)
      }
    },
  }
}
