import type { Cancel, Clock } from '@waymark/core'

/** Work that is done when it is woken, and never twice at once. */
export interface WorkLoop {
  /** There may be something to do. */
  wake(): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
  /** Lets what is under way end; nothing begins any more. */
  stop(): Promise<void>
}

/** How long to wait after a failure nobody expected. */
const AFTER_FAILURE = 1_000

/**
 * `work` does all there is to do and says when to go on by itself, if at all. Whoever wakes it meanwhile has it done once
 * more; a wake that comes before the moment it asked for begins sooner, unless `isPatient` says that it had better wait.
 */
export function createWorkLoop(
  clock: Clock,
  work: (isStopped: () => boolean) => Promise<number | undefined>,
  options: { readonly onError: (error: unknown) => void; readonly isPatient?: () => boolean },
): WorkLoop {
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  let cancel: Cancel = () => {}

  async function run(): Promise<void> {
    cancel()
    let next: number | undefined
    do {
      again = false
      try {
        next = await work(() => stopped)
      } catch (error) {
        options.onError(error)
        next = clock.now() + AFTER_FAILURE
        break
      }
    } while (again && !stopped && !options.isPatient?.())
    running = undefined
    if (next !== undefined && !stopped) cancel = clock.at(next, begin)
  }

  /** A virtual clock waits for what it sets off. */
  async function begin(): Promise<void> {
    if (!stopped) running ??= run()
    await idle()
  }

  async function idle(): Promise<void> {
    while (running !== undefined) await running
  }

  return {
    wake() {
      if (running !== undefined) again = true
      else if (!options.isPatient?.()) void begin()
    },
    idle,
    async stop() {
      stopped = true
      cancel()
      await idle()
    },
  }
}
