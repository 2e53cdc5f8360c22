import type { Engine, LogEntry, Logger, Snapshot, Store } from '@waymark/core'
import { applyEntries } from './apply.ts'
import type { Profiles } from './profiles.ts'

const CHECKPOINT = 'checkpoint'
const DEFINITION = 'definition'
const READ = 5_000
const REBUILD = 500

/**
 * Brings memory to where the log stands: snapshots, then what was committed after them, commit by commit. Decisions
 * made again on the way have the keys they had, so nothing is written for them a second time.
 */
export async function recover(store: Store, engine: Engine, profiles: Profiles, log: Logger): Promise<void> {
  const definition = await store.cursor(DEFINITION)
  const from = Number((await store.cursor(CHECKPOINT)) ?? 0)
  const last = await store.lastSeq()
  if (last > from) log.info('reading the log from the last checkpoint', { entries: last - from })

  for (let after = from; after < last; ) {
    const entries = await store.log(after, READ)
    if (entries.length === 0) break
    const commits = [...Map.groupBy(entries, (entry) => entry.commit).values()]
    // The page may end within a commit: leave that one to the next page, unless it is all there is.
    const whole = entries.length === READ && commits.length > 1 ? commits.slice(0, -1) : commits
    await store.transaction(async (tx) => {
      for (const commit of whole) {
        const concerned = commit.flatMap(({ profile, input }) => (input.kind === 'merge' ? [profile, input.from] : [profile]))
        const loaded = await profiles.load([...new Set(concerned)], tx)
        const owned = commit.filter(({ profile }) => profile !== '')
        const applied = await applyEntries(engine, owned, loaded, tx)
        profiles.put(applied.profiles, applied.removed)
      }
    })
    after = (whole.at(-1)?.at(-1) as LogEntry).seq
  }

  if (definition !== undefined && definition !== engine.fingerprint) await rebuildAll(store, engine, profiles, log)
  if (definition !== engine.fingerprint) await store.transaction((tx) => tx.setCursor(DEFINITION, engine.fingerprint))
}

/** Segments or rules have changed: every profile is read anew under them, silently, so that timers and memberships are theirs. */
async function rebuildAll(store: Store, engine: Engine, profiles: Profiles, log: Logger): Promise<void> {
  const ids = await store.profileIds()
  log.info('segments or rules have changed: reading every profile under the new ones', { profiles: ids.length })
  for (let from = 0; from < ids.length; from += REBUILD) {
    const some = ids.slice(from, from + REBUILD)
    await store.transaction(async (tx) => profiles.put(await profiles.load(some, tx), []))
    await checkpoint(store, engine, profiles)
    if (ids.length > REBUILD) log.info('profiles read', { done: Math.min(from + REBUILD, ids.length), of: ids.length })
  }
}

/** Writes the profiles that changed since their snapshots; recovery then begins after what they include. */
export async function checkpoint(store: Store, engine: Engine, profiles: Profiles): Promise<void> {
  const upTo = await store.lastSeq()
  const dirty = [...profiles.dirty().values()]
  for (let from = 0; from < dirty.length; from += REBUILD) {
    const snapshots = dirty.slice(from, from + REBUILD).map(({ profile, seq }): Snapshot & { nextWake?: number } => {
      const nextWake = engine.nextWake(profile)
      return { profile, seq, definition: engine.fingerprint, ...(nextWake === undefined ? {} : { nextWake }) }
    })
    await store.transaction((tx) => tx.checkpoint(snapshots))
    profiles.written(snapshots)
  }
  await store.transaction((tx) => tx.setCursor(CHECKPOINT, String(upTo)))
}
