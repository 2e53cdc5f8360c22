import { boundOf, type Cancel, type Clock, type Logger, type Store, type WaymarkConfig } from '@waymark/core'

/** Keeps dead letters and quarantine within their bounds. */
export interface Retention {
  /** Drops what is over by now, and from then on what will be. */
  start(): Promise<void>
  /** So many were added to the quarantine. */
  added(count: number): void
  stop(): Promise<void>
}

const EVERY = 6 * 3_600_000
/** Dropped in one transaction, so that nobody waits long for it. */
const AT_ONCE = 1_000
/** Between two looks, at most this part of the bound may come on top of it. */
const SLACK = 0.1

export function createRetention(parts: { readonly config: WaymarkConfig; readonly store: Store; readonly clock: Clock; readonly logger: Logger }): Retention {
  const { config, store, clock, logger } = parts
  const bounds = { 'dead letters': boundOf(config.retention?.deadLetters), quarantine: boundOf(config.retention?.quarantine) } as const
  let fresh = 0
  let running: Promise<void> | undefined
  let isStopped = false
  let cancel: Cancel = () => {}

  async function expire(kind: keyof typeof bounds): Promise<void> {
    const { age, max } = bounds[kind]
    let dropped = 0
    for (let some = AT_ONCE; some >= AT_ONCE && !isStopped; dropped += some) {
      some = await store.transaction((tx) => tx.expire(kind, { before: clock.now() - age, most: max, limit: AT_ONCE }))
    }
    if (dropped > 0) logger.warn(`${kind} beyond their age or number were dropped`, { dropped, ageMs: age, max })
  }

  async function run(): Promise<void> {
    cancel()
    fresh = 0
    try {
      await expire('dead letters')
      await expire('quarantine')
    } catch (error) {
      logger.error('old dead letters and quarantine could not be dropped; trying again later', { error: String(error) })
    }
    running = undefined
    if (!isStopped) cancel = clock.at(clock.now() + EVERY, look)
  }

  async function look(): Promise<void> {
    if (isStopped) return
    running ??= run()
    await running
  }

  return {
    start: look,
    added(count) {
      fresh += count
      if (fresh > bounds.quarantine.max * SLACK) void look()
    },
    async stop() {
      isStopped = true
      cancel()
      await running
    },
  }
}
