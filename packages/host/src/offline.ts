import { assertConfig, type Logger, type NewJournalEntry, type WaymarkConfig } from '@waymark/core'
import { systemClock } from './clock.ts'
import { engineOf } from './definition.ts'
import { type IdentityChange, ownerOf } from './identity-change.ts'
import { silentLogger } from './logger.ts'
import { openExisting } from './open-existing.ts'
import { runPipeline, type Work } from './pipeline.ts'
import { createProfiles } from './profiles.ts'
import { checkpoint, recover } from './recovery.ts'
import { createTombstones } from './tombstones.ts'

/**
 * Makes a change of who is who where no host is running: opens the store, brings profiles to where the log stands, makes the
 * change and closes the store. No plugin is started, nothing is sent. With a host running it is refused: call the host's own
 * `unmerge` or `merge` there.
 */
export async function changeIdentityOffline(
  config: WaymarkConfig,
  change: IdentityChange,
  options: { readonly now?: number; readonly logger?: Logger } = {},
): Promise<NewJournalEntry> {
  assertConfig(config)
  const { store } = config
  const now = options.now ?? systemClock().now()
  await openExisting(store, `host.${change.kind}(user, id)`)
  try {
    const engine = engineOf(config)
    const profiles = createProfiles(engine)
    const erased = createTombstones(store)
    await erased.read()
    await recover(config, engine, profiles, options.logger ?? silentLogger, now)
    const told: NewJournalEntry[] = []
    // What fell due since the host ended falls due for the two together.
    const profile = change.kind === 'unmerge' ? await ownerOf(change.user, store) : undefined
    const works: Work[] = profile === undefined ? [] : [{ kind: 'tick', profile, at: now, now }]
    works.push({ kind: 'identity', change, tell: (entry) => told.push(entry) })
    for (const work of works) {
      const committed = await store.transaction((tx) => runPipeline(config, engine, profiles, [work], tx, now, erased))
      profiles.put(committed.profiles, committed.removed, committed.upTo)
    }
    await checkpoint(store, engine, profiles)
    return told[0] as NewJournalEntry
  } finally {
    await store.close()
  }
}
