import type { Erasure, IdentityKey, Plugin, Store, Subject, WaymarkConfig } from '@waymark/core'
import { systemClock } from './clock.ts'
import { isUserKey, keyOfProfile } from './identity.ts'
import { ownerOf } from './identity-change.ts'
import { openExisting } from './open-existing.ts'
import { createTombstones, type Tombstones } from './tombstones.ts'

const DAY = 86_400_000
/** What the law of the European Union gives as a rule, and what most vendors promise. */
const WITHIN_DAYS = 30

/**
 * Writes down that a user is to be forgotten, by every id that is theirs: from then on nothing is taken in or given out under these, and each
 * plugin with an eraser has a job. A name nothing is known of is a user id, or with `anon:` before it an anonymous id, and is erased as that alone.
 * The jobs and receipts of that person come back. What Waymark itself has of them is not erased.
 */
export async function requestErasure(
  { store, plugins = [] }: Pick<WaymarkConfig, 'store' | 'plugins'>,
  tombstones: Tombstones,
  user: string,
  now: number,
): Promise<readonly Erasure[]> {
  try {
    await store.transaction(async (tx) => {
      const owner = await ownerOf(user, tx)
      const profile = owner ?? user
      const keys = [...new Set([...(owner === undefined ? [] : await tx.keysOf(owner)), keyOfProfile(profile)])]
      const hashes = await tombstones.bury(keys, profile, tx)
      await tx.requestErasure({ ...hashes, at: now, subject: subjectOf(profile, keys), plugins: jobsFor(plugins, now) })
    })
  } catch (error) {
    // It may be on disk all the same, or nothing of it.
    await tombstones.read()
    throw error
  }
  return erasuresOf(store, tombstones, user)
}

/** Newest first; of one person or of all. */
export async function erasuresOf(store: Store, tombstones: Tombstones, user?: string): Promise<readonly Erasure[]> {
  if (user === undefined) return store.erasures({})
  const persons = tombstones.personsOf(user)
  return persons.length === 0 ? [] : store.erasures({ persons })
}

/** The same where no host is running: plugins are asked when one starts. */
export async function requestErasureOffline(config: WaymarkConfig, user: string, now: number = systemClock().now()): Promise<readonly Erasure[]> {
  await openExisting(config.store, 'host.erase(user)')
  try {
    const tombstones = createTombstones(config.store)
    await tombstones.read()
    return await requestErasure(config, tombstones, user, now)
  } finally {
    await config.store.close()
  }
}

/** Reads only: the store may be a running host's. */
export async function readErasures(store: Store, user?: string): Promise<readonly Erasure[]> {
  const tombstones = createTombstones(store)
  await tombstones.read()
  return erasuresOf(store, tombstones, user)
}

function jobsFor(plugins: readonly Plugin[], now: number): readonly { readonly plugin: string; readonly dueBy: number }[] {
  return plugins.flatMap(({ name, eraser }) => (eraser === undefined ? [] : [{ plugin: name, dueBy: now + (eraser.withinDays ?? WITHIN_DAYS) * DAY }]))
}

function subjectOf(profile: string, keys: readonly IdentityKey[]): Subject {
  const idOf = (key: IdentityKey) => key.slice(key.indexOf(':') + 1)
  const [userIds, anonymousIds] = [keys.filter(isUserKey).map(idOf), keys.filter((key) => !isUserKey(key)).map(idOf)]
  return { profile, userIds, anonymousIds }
}
