import { type Clock, type Decision, type Logger, type TimerPolicy, timerBounds } from '@waymark/core'
import type { Committer } from './committer.ts'
import type { Wake } from './observe/instruments.ts'
import { createScheduler, type Due, type Scheduler } from './scheduler.ts'

/** Wakes each profile at its moment by a tick in the log. */
export interface Timers extends Scheduler {
  /** Hears what was decided, to tell of what came too late to be sent. */
  decided(decisions: readonly Decision[]): void
}

/** How long after a failed commit a profile is woken again, in milliseconds. */
const AGAIN = 1_000

/** `settled` is what a virtual clock waits for besides. */
export function createTimers(parts: {
  readonly policy: TimerPolicy | undefined
  readonly clock: Clock
  readonly committer: Committer
  readonly logger: Logger
  readonly watch: (wake: Wake) => Wake
  readonly settled: () => Promise<void>
}): Timers {
  const { clock, committer, logger, settled } = parts
  const { drainPerSecond, staleAfter } = timerBounds(parts.policy)
  const wake = parts.watch(async (due) => {
    await Promise.all(due.map(tick))
  })
  const scheduler = createScheduler({ clock, wake, settled, drainPerSecond, onCaughtUp: caughtUp })
  /** Of the outage, so far. */
  let [done, stale] = [0, 0]

  async function tick({ profile, at }: Due): Promise<void> {
    try {
      await committer.add([{ kind: 'tick', profile, at, now: clock.now() }])
      if (scheduler.isBehind) done += 1
    } catch (error) {
      logger.error('what fell due could not be written; trying again', { profile, error: String(error) })
      scheduler.set(profile, clock.now() + AGAIN)
    }
  }

  function caughtUp(): void {
    logger.info('what was overdue is done', { profiles: done })
    done = 0
    tellOfStale()
  }

  /** One line an outage, however many there are. */
  function tellOfStale(): void {
    if (stale === 0) return
    logger.warn('messages were not sent, since their moment had passed too long ago (timers.staleAfter); the ledger has each of them', {
      messages: stale,
      staleAfterMs: staleAfter,
    })
    stale = 0
  }

  return {
    ...scheduler,
    async start() {
      const overdue = scheduler.due(clock.now())
      if (overdue > 0) logger.info('what fell due while no host was running is done beside what comes in', { profiles: overdue, aSecond: drainPerSecond })
      await scheduler.start()
    },
    get pending() {
      return scheduler.pending
    },
    get isBehind() {
      return scheduler.isBehind
    },
    decided(decisions) {
      for (const { guard } of decisions) if (guard === 'stale') stale += 1
      if (!scheduler.isBehind) tellOfStale()
    },
  }
}
