import type { CanonicalEvent, Clock, DeadLetterFilter, IngestOutcome, Logger, Store, Unreadable, WaymarkConfig } from '@waymark/core'
import { planFingerprint } from '@waymark/core'
import { discardDeadLetters, retryDeadLetters } from './dead-letters.ts'
import { createQuarantineWatch } from './quarantine-watch.ts'
import { createRetention } from './retention.ts'

/** What a running host does about what could not be used: quarantine and dead letters. */
export interface Aside {
  /** Hears what came of events. */
  ingested(events: readonly CanonicalEvent[], outcomes: readonly IngestOutcome[]): void
  /** Keeps what could not be read as an event. */
  quarantine(items: readonly Unreadable[]): Promise<void>
  retryDeadLetters(filter: DeadLetterFilter): Promise<number>
  discardDeadLetters(filter: DeadLetterFilter): Promise<number>
  start(): Promise<void>
  stop(): Promise<void>
}

/** `wake` is called when there is something to try again. */
export function createAside(parts: {
  readonly config: WaymarkConfig
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly wake: () => void
}): Aside {
  const { config, store, clock, logger } = parts
  const version = planFingerprint(config.plan)
  const watch = createQuarantineWatch(logger)
  const retention = createRetention({ config, store, clock, logger })

  return {
    ingested(events, outcomes) {
      let bad = 0
      events.forEach(({ source }, index) => {
        const outcome = outcomes[index]
        if (outcome?.status === 'quarantined') {
          watch.bad(source, outcome.reason)
          bad += 1
        } else watch.good(source)
      })
      if (bad > 0) retention.added(bad)
    },
    async quarantine(items) {
      await store.transaction((tx) =>
        tx.quarantine(
          items.map((item) => ({ ...item, version })),
          clock.now(),
        ),
      )
      for (const { source, reason } of items) watch.bad(source, reason)
      retention.added(items.length)
    },
    async retryDeadLetters(filter) {
      const count = await retryDeadLetters(config, filter, clock.now())
      if (count > 0) parts.wake()
      return count
    },
    discardDeadLetters: (filter) => discardDeadLetters(store, filter),
    start: retention.start,
    stop: retention.stop,
  }
}
