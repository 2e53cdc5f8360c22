import type { Engine, IdentityKey, Profile, Snapshot, Transaction } from '@waymark/core'

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
  /** Whose an id is, where that is known without asking the store: only of profiles in memory. */
  ownerOf(key: IdentityKey): string | undefined
  /** Learns from a commit whose ids are. Without owners, what was known of them may be wrong by now, and the store is asked again. */
  know(owners: ReadonlyMap<IdentityKey, string> | undefined): void
  /** Makes known what the log up to `upTo` has come to. */
  put(changed: ReadonlyMap<string, Held>, removed: readonly string[], upTo: number): void
  /** Changed since their snapshot. */
  dirty(): ReadonlyMap<string, Held>
  /** Their snapshots are written: they may leave memory. */
  written(snapshots: readonly Snapshot[]): void
  readonly size: number
  /** How many are kept as they are. */
  readonly atHand: number
  /** How many are kept packed. */
  readonly packed: number
  /** The last log entry that the profiles in memory include. */
  readonly upTo: number
}

export interface ProfilesOptions {
  /** Most profiles kept as they are once their snapshots are written. Default 20,000: those of users who are about right now. */
  readonly atHand?: number
  /** Most kept packed besides, of a few hundred bytes each; the rest are read from their snapshots again. Default 1,000,000. */
  readonly packed?: number
}

/** Ids whose owner is known, at most: those of the users who are about, and some. */
const MOST_OWNERS = 100_000

export function createProfiles(engine: Engine, { atHand = 20_000, packed: most = 1_000_000 }: ProfilesOptions = {}): Profiles {
  const held = new Map<string, Held>()
  const changedSince = new Map<string, Held>()
  /** In the order in which they were packed; a number after a space, the last log entry included, precedes each. */
  const packed = new Map<string, string>()
  const merged = new Set<string>()
  const owners = new Map<IdentityKey, string>()
  let upTo = 0

  function packAway(id: string, { profile, seq }: Held): void {
    held.delete(id)
    packed.set(id, `${seq} ${engine.pack(profile)}`)
  }

  function unpacked(text: string): Held {
    const space = text.indexOf(' ')
    return { seq: Number(text.slice(0, space)), profile: engine.unpack(text.slice(space + 1)) }
  }

  return {
    get upTo() {
      return upTo
    },
    get size() {
      return held.size + packed.size
    },
    get atHand() {
      return held.size
    },
    get packed() {
      return packed.size
    },
    async load(ids, tx) {
      const found = new Map<string, Held>()
      const missing: string[] = []
      for (const id of ids) {
        const there = held.get(id)
        const text = there === undefined ? packed.get(id) : undefined
        if (there !== undefined) found.set(id, there)
        else if (text !== undefined) found.set(id, unpacked(text))
        else missing.push(id)
      }
      if (missing.length === 0) return found
      for (const [id, snapshot] of await tx.snapshots(missing)) found.set(id, snapshot)
      return found
    },
    isMerged: (id) => merged.has(id),
    ownerOf(key) {
      const owner = owners.get(key)
      // One that was merged into another has left memory, and its ids are the other's.
      return owner !== undefined && (held.has(owner) || packed.has(owner)) ? owner : undefined
    },
    know(learnt) {
      if (learnt === undefined) owners.clear()
      else for (const [key, owner] of learnt) if (owners.get(key) !== owner) owners.set(key, owner)
      for (const key of owners.keys()) {
        if (owners.size <= MOST_OWNERS) break
        owners.delete(key)
      }
    },
    put(changed, removed, seq) {
      upTo = Math.max(upTo, seq)
      for (const id of removed) {
        held.delete(id)
        packed.delete(id)
        changedSince.delete(id)
        merged.add(id)
      }
      for (const [id, one] of changed) {
        // It may have been taken out of another again.
        merged.delete(id)
        // The newest stand last, so that the first to be packed away are those that nothing has happened to for longest.
        held.delete(id)
        held.set(id, one)
        packed.delete(id)
        changedSince.set(id, one)
      }
    },
    dirty: () => changedSince,
    written(snapshots) {
      for (const { profile, seq } of snapshots) if (changedSince.get(profile.id)?.seq === seq) changedSince.delete(profile.id)
      for (const [id, one] of held) {
        if (held.size <= atHand) break
        if (!changedSince.has(id)) packAway(id, one)
      }
      for (const id of packed.keys()) {
        if (packed.size <= most) break
        packed.delete(id)
      }
    },
  }
}
