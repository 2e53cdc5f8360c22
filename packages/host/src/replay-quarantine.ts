import { assertConfig, createBan, type Logger, planFingerprint, type QuarantineFilter, type WaymarkConfig } from '@waymark/core'
import { systemClock } from './clock.ts'
import { engineOf } from './definition.ts'
import { holdToPlan } from './hold-to-plan.ts'
import { silentLogger } from './logger.ts'
import { openExisting } from './open-existing.ts'
import { runPipeline, type Work } from './pipeline.ts'
import { createProfiles } from './profiles.ts'
import { checkpoint, recover } from './recovery.ts'
import { createTombstones } from './tombstones.ts'

/** What came of a replay. */
export interface QuarantineReplay {
  readonly accepted: number
  /** Came in again meanwhile, from a sender that was mended first. */
  readonly duplicates: number
  /** Their user does not agree to analytics, or was erased. */
  readonly refused: number
  /** Still do not fit: they stay, with the reason of now. */
  readonly misfits: number
  /** Could not be read in the first place, so no plan will make them fit. They stay as they are. */
  readonly unreadable: number
  /** Why the misfits do not fit, the most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[]
}

const AT_ONCE = 500

/** Takes events out of quarantine for good, where no host is running. How many there were comes back. */
export async function discardQuarantineOffline({ store }: WaymarkConfig, filter: QuarantineFilter): Promise<number> {
  await openExisting(store, 'config.store.transaction((tx) => tx.removeQuarantined(filter))')
  try {
    return await store.transaction((tx) => tx.removeQuarantined(filter))
  } finally {
    await store.close()
  }
}

/**
 * Takes in what fits the plan by now, the oldest first, as if it had just come: duplicates, consent and identity as ever, and an event
 * counts from when it happened. Where no host is running: what it sets off goes out when one starts. Cut short, it can be done again.
 */
export async function replayQuarantine(
  config: WaymarkConfig,
  filter: QuarantineFilter = {},
  options: { readonly now?: number; readonly logger?: Logger } = {},
): Promise<QuarantineReplay> {
  assertConfig(config)
  const { store } = config
  const now = options.now ?? systemClock().now()
  const version = planFingerprint(config.plan)
  const ban = createBan(config.identity?.banned)
  await openExisting(store, 'ingest() with the events')
  try {
    const engine = engineOf(config)
    const profiles = createProfiles(engine)
    const erased = createTombstones(store)
    await erased.read()
    await recover(config, engine, profiles, options.logger ?? silentLogger, now)
    const { readable, unreadable } = await listed()
    const counts = { accepted: 0, duplicates: 0, refused: 0, misfits: 0 }
    const reasons = new Map<string, number>()

    async function take(ids: readonly number[]): Promise<void> {
      const items = (await store.quarantined({ ids, limit: ids.length })).toReversed()
      const works: Work[] = []
      const gone: number[] = []
      const misfits: { readonly id: number; readonly reason: string; readonly version: string }[] = []
      for (const item of items) {
        if (!('event' in item)) continue
        const fits = holdToPlan(config.plan, ban, item.event)
        if (!fits.ok) {
          misfits.push({ id: item.id, reason: fits.reason, version })
          reasons.set(fits.reason, (reasons.get(fits.reason) ?? 0) + 1)
          continue
        }
        works.push({ kind: 'event', event: { ...item.event, receivedAt: now } })
        gone.push(item.id)
      }
      const committed = await store.transaction(async (tx) => {
        await tx.requarantine(misfits)
        await tx.removeQuarantined({ ids: gone })
        return runPipeline(config, engine, profiles, works, tx, now, erased)
      })
      profiles.put(committed.profiles, committed.removed, committed.upTo)
      counts.misfits += misfits.length
      for (const outcome of committed.outcomes) {
        if (outcome?.status === 'accepted') counts.accepted += 1
        if (outcome?.status === 'duplicate') counts.duplicates += 1
        if (outcome?.status === 'refused') counts.refused += 1
      }
    }

    for (let from = 0; from < readable.length; from += AT_ONCE) await take(readable.slice(from, from + AT_ONCE))
    await checkpoint(store, engine, profiles)
    const frequent = [...reasons].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count)
    return { ...counts, unreadable, reasons: frequent }
  } finally {
    await store.close()
  }

  /** Ids of what can be replayed, oldest first; how much cannot. */
  async function listed(): Promise<{ readonly readable: readonly number[]; readonly unreadable: number }> {
    const readable: number[] = []
    let unreadable = 0
    for (let before: number | undefined; ; ) {
      const page = await store.quarantined({ ...filter, limit: AT_ONCE, ...(before === undefined ? {} : { before }) })
      for (const item of page) {
        if ('event' in item) readable.push(item.id)
        else unreadable += 1
      }
      before = page.at(-1)?.id
      if (before === undefined) return { readable: readable.reverse(), unreadable }
    }
  }
}
