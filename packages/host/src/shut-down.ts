import type { Clock, Logger, Plugin, Store } from '@waymark/core'
import { answered } from './answered.ts'
import type { Checkpointer } from './checkpointer.ts'
import type { Committer } from './committer.ts'
import type { Door } from './door.ts'
import type { WorkLoop } from './work-loop.ts'

/** How long a host that closes waits for what is under way unless it is told otherwise, in milliseconds. */
export const CLOSE_WITHIN = 30_000
/**
 * Parts of that time: until when requests and deliveries are waited for as if nothing were; until when those are that were told to come to an end,
 * which have 5 of 30 seconds for it; by when the plugins should have stopped and the checkpoint be written.
 */
const WORK = 0.6
const END = 0.8
const STOP = 0.9
const WRITE = 0.97

/**
 * Lets what is under way end, stops the plugins and lets go of the store, and waits for none of it beyond its time: what is cut off is taken up at the
 * next start, since everything that was acknowledged is on disk. Never rejects.
 */
export async function shutDown(
  parts: {
    readonly clock: Clock
    readonly logger: Logger
    readonly door: Door
    readonly runners: readonly Pick<WorkLoop, 'stop'>[]
    readonly committer: Committer
    readonly plugins: readonly Plugin[]
    readonly checkpointer: Checkpointer
    readonly store: Store
    /** Tells plugins that what they still do is no longer wanted. */
    readonly abort: () => void
  },
  within: number,
): Promise<void> {
  const { clock, logger } = parts
  const start = clock.now()

  /** Whether it was through by then. */
  async function until(share: number, what: string, work: Promise<unknown>): Promise<boolean> {
    const done = work.then(
      () => true,
      (error: unknown) => {
        logger.error('a part of the host did not close as it should', { part: what, error: String(error) })
        return true
      },
    )
    return answered(clock, Math.max(0, start + within * share - clock.now()), done, false)
  }
  async function atMost(share: number, what: string, work: Promise<unknown>): Promise<void> {
    if (!(await until(share, what, work))) logger.warn('closing waits no longer; the next start takes up what is left', { part: what })
  }

  const requests = parts.door.close()
  const deliveries = Promise.all(parts.runners.map((runner) => runner.stop()))
  await Promise.all([until(WORK, 'requests', requests), until(WORK, 'deliveries', deliveries)])
  parts.abort()
  await Promise.all([atMost(END, 'requests', requests), atMost(END, 'deliveries', deliveries)])
  parts.door.shut()
  await atMost(END, 'commits', parts.committer.idle())
  for (const plugin of [...parts.plugins].reverse()) await atMost(STOP, `plugin ${plugin.name}`, stopped(plugin))
  await atMost(WRITE, 'checkpoint', parts.checkpointer.write())
  await atMost(1, 'store', parts.store.close())
}

async function stopped(plugin: Plugin): Promise<void> {
  await plugin.stop?.()
}
