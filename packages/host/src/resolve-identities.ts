import { ANONYMOUS, type CanonicalEvent, type IdentityKey, type NewJournalEntry, type Transaction } from '@waymark/core'
import { createGathered, type Gathered } from './gathered.ts'
import { keysOf, keysOfName, profileNamed, userKey, visitorKey } from './identity.ts'
import type { Profiles } from './profiles.ts'

export interface Resolved {
  readonly profile: string
  /** Profiles that this event showed to be the same person. */
  readonly merged: readonly string[]
}

/** What became of ids in one commit, counted by event. */
export interface IdentityCounts {
  readonly merged: number
  readonly linked: number
  readonly refused: number
  readonly shared: number
}

export interface Resolution {
  /** One an event, in order. */
  readonly resolved: readonly Resolved[]
  /** Whose the ids of these events are, after all of them; none where nothing was found out. */
  readonly owners: ReadonlyMap<IdentityKey, string>
  readonly counts: IdentityCounts
  /** Merges that were refused for the first time. */
  readonly refusals: readonly NewJournalEntry[]
}

export const NO_COUNTS: IdentityCounts = { merged: 0, linked: 0, refused: 0, shared: 0 }

/**
 * Finds whose event each is. A user's profile is named by the user id, a visitor's by `anon:` and the anonymous id, so
 * names do not depend on the order of arrival. A visitor becomes a user's by the first event that carries both ids; an
 * id that already is one user's stays theirs when another user comes with it. Nobody gathers more than `maxMerged` ids of a kind,
 * and who was taken apart by hand stays so. All of it goes into the journal.
 */
export async function resolveIdentities(
  events: readonly CanonicalEvent[],
  profiles: Profiles,
  tx: Transaction,
  now: number,
  maxMerged: number,
): Promise<Resolution> {
  const keysOfEach = events.map((event) => (event.previousId === undefined ? keysOf(event) : [...keysOf(event), ...keysOfName(event.previousId)]))
  const { known, missing } = await ownersOf(new Set(keysOfEach.flat()), profiles, tx)
  const gathered = createGathered(tx, maxMerged)
  const notes: NewJournalEntry[] = []
  const resolved: Resolved[] = []
  let isNews = missing > 0
  for (const [index, event] of events.entries()) {
    const owner = ownerOfAll(keysOfEach[index] as readonly IdentityKey[], known)
    if (owner !== undefined) resolved.push({ profile: owner, merged: NONE })
    else {
      isNews = true
      resolved.push(await resolve(event, known, gathered, notes, tx, now))
    }
  }
  return { resolved, owners: isNews ? known : NOTHING_NEW, ...(await journalled(notes, tx)) }
}

const NONE: readonly string[] = []
const NOTHING_NEW: ReadonlyMap<IdentityKey, string> = new Map()

/** `missing`: how many were not known without asking the store. */
async function ownersOf(
  keys: ReadonlySet<IdentityKey>,
  profiles: Profiles,
  tx: Transaction,
): Promise<{ readonly known: Map<IdentityKey, string>; readonly missing: number }> {
  const known = new Map<IdentityKey, string>()
  const missing: IdentityKey[] = []
  for (const key of keys) {
    const owner = profiles.ownerOf(key)
    if (owner === undefined) missing.push(key)
    else known.set(key, owner)
  }
  if (missing.length > 0) for (const [key, owner] of await tx.profilesOf(missing)) known.set(key, owner)
  return { known, missing: missing.length }
}

/** The profile that every one of the ids is known to be of: as nearly always, there is nothing to find out. */
function ownerOfAll(keys: readonly IdentityKey[], known: ReadonlyMap<IdentityKey, string>): string | undefined {
  const owner = known.get(keys[0] as IdentityKey)
  for (let index = 1; index < keys.length; index += 1) if (known.get(keys[index] as IdentityKey) !== owner) return undefined
  return owner
}

async function resolve(
  event: CanonicalEvent,
  known: Map<IdentityKey, string>,
  gathered: Gathered,
  notes: NewJournalEntry[],
  tx: Transaction,
  now: number,
): Promise<Resolved> {
  const merged: string[] = []

  function note(outcome: NewJournalEntry['outcome'], from: string, keys: readonly IdentityKey[], reason?: string): void {
    const cause = { messageId: event.messageId, source: event.source }
    notes.push({ at: now, outcome, from, into: profile, keys, event: cause, ...(reason === undefined ? {} : { reason }) })
  }
  async function belong(keys: readonly IdentityKey[], owner: string): Promise<void> {
    await tx.link(keys, owner)
    for (const key of keys) known.set(key, owner)
  }
  /** Ids that have no profile of their own become the user's. */
  async function link(keys: readonly IdentityKey[]): Promise<void> {
    const [first] = keys
    if (first === undefined) return
    if (await gathered.take(profile, keys)) {
      await belong(keys, profile)
      note('linked', profileNamed(first), keys)
    } else note('refused', profileNamed(first), [], gathered.reason)
  }
  async function merge(from: string): Promise<boolean> {
    const reason = (await tx.areApart(from, profile)) ? APART : (await gathered.take(profile, await tx.keysOf(from))) ? undefined : gathered.reason
    if (reason !== undefined) {
      note('refused', from, [], reason)
      return false
    }
    const keys = await tx.merge(from, profile, now)
    for (const [key, owner] of known) if (owner === from) known.set(key, profile)
    merged.push(from)
    note('merged', from, keys)
    return true
  }
  /** Whether the id is the profile's now. Only the profile that it gave its name goes over with it; an id that is another user's stays theirs. */
  async function join(key: IdentityKey, owner: string): Promise<boolean> {
    if (owner === profile) return true
    if (owner === profileNamed(key)) return merge(owner)
    note('shared', profileNamed(key), [], `it stays with '${owner}', whose it was first`)
    return false
  }

  if (event.userId === undefined) {
    const key = visitorKey(event.anonymousId as string)
    const visitor = known.get(key) ?? ANONYMOUS + event.anonymousId
    if (!known.has(key)) await belong([key], visitor)
    return { profile: visitor, merged }
  }

  const user = userKey(event.userId)
  const profile = known.get(user) ?? event.userId
  if (!known.has(user)) await belong([user], profile)
  if (event.anonymousId !== undefined) {
    const key = visitorKey(event.anonymousId)
    const owner = known.get(key)
    if (owner === undefined) await link([key])
    else await join(key, owner)
  }
  if (event.type === 'alias' && event.previousId !== undefined) {
    // Nobody says which of the two it was; what is known of either decides.
    const previous = keysOfName(event.previousId)
    const there = previous.filter((key) => known.has(key))
    const answers: boolean[] = []
    for (const key of there) answers.push(await join(key, known.get(key) as string))
    if (answers.every(Boolean)) await link(previous.filter((key) => !there.includes(key)))
  }
  return { profile, merged }
}

const APART = 'they were taken apart by hand; waymark identity merge lets them be one again'

async function journalled(notes: readonly NewJournalEntry[], tx: Transaction): Promise<Pick<Resolution, 'counts' | 'refusals'>> {
  if (notes.length === 0) return { counts: NO_COUNTS, refusals: [] }
  const counts = { ...NO_COUNTS }
  // A device at a counter sends thousands of these in one commit.
  const once = new Map<string, NewJournalEntry>()
  for (const note of notes) {
    if (note.outcome !== 'unmerged') counts[note.outcome] += 1
    const repeats = note.outcome === 'refused' || note.outcome === 'shared'
    once.set(repeats ? JSON.stringify([note.outcome, note.from, note.into, note.reason]) : `${once.size}`, note)
  }
  const written = [...once.values()]
  const isNew = await tx.record(written)
  return { counts, refusals: written.filter(({ outcome }, index) => outcome === 'refused' && isNew[index]) }
}
