import type { Clock, Logger } from '@waymark/core'
import type { Committer } from './committer.ts'
import type { Wake } from './observe/instruments.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'

/** How long after a failed commit a profile is woken again, in milliseconds. */
const AGAIN = 1_000

/** Wakes each profile at its moment by a tick in the log; `settled` is what a virtual clock waits for besides. */
export function createTimers(parts: {
  readonly clock: Clock
  readonly committer: Committer
  readonly logger: Logger
  readonly watch: (wake: Wake) => Wake
  readonly settled: () => Promise<void>
}): Scheduler {
  const { clock, committer, logger } = parts
  const wake = parts.watch(async (due) => {
    await Promise.all(due.map(tick))
  })
  const scheduler = createScheduler(clock, wake, parts.settled)

  async function tick({ profile, at }: { readonly profile: string; readonly at: number }): Promise<void> {
    try {
      await committer.add([{ kind: 'tick', profile, at, now: clock.now() }])
    } catch (error) {
      logger.error('what fell due could not be written; trying again', { profile, error: String(error) })
      scheduler.set(profile, clock.now() + AGAIN)
    }
  }

  return scheduler
}
