import { type Clock, type Logger, WaymarkError } from '@waymark/core'

/**
 * `starting`: the log is being read. `cannot-store`: the newest commit failed. `overloaded`: what waits to
 * be written is close to the most that may. `closing`: what is under way is being finished.
 */
export type HealthState = 'starting' | 'ready' | 'cannot-store' | 'overloaded' | 'closing'

/** What `/readyz` answers. */
export interface Health {
  readonly ready: boolean
  readonly state: HealthState
  readonly reason?: string
  /** How far a start has come. */
  readonly progress?: Progress
}

export interface Progress {
  /** What is being done: 'reading the log'. */
  readonly doing: string
  readonly done: number
  readonly of: number
}

export interface HealthMonitor {
  report(): Health
  closing(): void
  /** Learns from a commit whether the store can write. */
  judging<T>(commit: () => Promise<T>): Promise<T>
}

/** What no later attempt of this process can mend: another host has taken the store over, or the disk has lost what it was given. */
const FOR_GOOD: ReadonlySet<string> = new Set(['STORE_TAKEN_OVER', 'STORE_SYNC_FAILED'])
/** How often a store that could not write is asked whether it can again, in milliseconds. */
const PROBE_EVERY = 1_000

/** `probe` writes something small, durably; `isOverloaded` is asked at each report. */
export function createHealth(parts: {
  readonly clock: Clock
  readonly logger: Logger
  readonly probe: () => Promise<void>
  readonly isOverloaded: () => boolean
  /** Called once, when this process will not write to its store any more. */
  readonly onLost?: (error: WaymarkError) => void
}): HealthMonitor {
  const { clock, logger } = parts
  let isClosing = false
  let failure: WaymarkError | undefined
  let isLost = false

  function stored(): void {
    if (failure !== undefined) logger.info('the store can write again')
    failure = undefined
  }

  /** What the store did not say is the input's fault, and none of the store's business. */
  function failed(error: unknown): void {
    if (!WaymarkError.is(error) || !error.code.startsWith('STORE_')) return
    if (isLost) return
    const isNew = failure === undefined
    failure = error
    isLost = FOR_GOOD.has(error.code)
    const { code, message, place, mend } = error
    if (isLost) logger.error('nothing can be stored any more until the host is started anew', { code, error: message, place, mend })
    else if (isNew) logger.error('a commit could not be stored; the host is not ready until one can', { code, error: message, place, mend })
    if (isLost) parts.onLost?.(error)
    else if (isNew) probeSoon()
  }

  /** A store that nobody writes to, because nobody is let in, has to be asked. */
  function probeSoon(): void {
    clock.at(clock.now() + PROBE_EVERY, async () => {
      if (failure === undefined || isClosing) return
      try {
        await parts.probe()
        stored()
      } catch (error) {
        failed(error)
        if (!isLost) probeSoon()
      }
    })
  }

  return {
    report() {
      if (isClosing) return { ready: false, state: 'closing', reason: 'the host is closing' }
      if (failure !== undefined) return { ready: false, state: 'cannot-store', reason: failure.message }
      if (parts.isOverloaded()) return { ready: false, state: 'overloaded', reason: 'more events are waiting than are being written' }
      return { ready: true, state: 'ready' }
    },
    closing() {
      isClosing = true
    },
    async judging(commit) {
      try {
        const result = await commit()
        stored()
        return result
      } catch (error) {
        failed(error)
        throw error
      }
    },
  }
}
