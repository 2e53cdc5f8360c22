import type { Cancel } from '@waymark/core'
import type { Effects } from './effects.ts'

/** Work that is done when it is woken, and never twice at once. */
export interface WorkLoop {
  /** There may be something to do. */
  wake(): void
  /** Resolves when nothing is under way, tasks included. */
  idle(): Promise<void>
  /** Lets what is under way end; nothing begins any more. */
  stop(): Promise<void>
}

/** What work can do besides: tasks go on by themselves, and each that ends wakes the loop. */
export interface Tasks {
  readonly isStopped: boolean
  readonly underWay: number
  start(task: () => Promise<void>): void
  /** Resolves when all tasks have ended, or a turn of the event loop later. */
  soon(): Promise<void>
}

/** How long to wait after a failure nobody expected. */
const AFTER_FAILURE = 1_000

/**
 * `work` does all there is to do and says when to go on by itself, if at all. Whoever wakes it meanwhile has it done once more; a wake
 * that comes before the moment it asked for begins sooner.
 */
export function createWorkLoop(
  { clock, turn }: Pick<Effects, 'clock' | 'turn'>,
  work: (tasks: Tasks) => Promise<number | undefined>,
  onError: (error: unknown) => void,
): WorkLoop & { readonly tasks: Tasks } {
  const underWay = new Set<Promise<void>>()
  const pauses = new Set<() => void>()
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  let cancel: Cancel = () => {}

  const tasks: Tasks = {
    get isStopped() {
      return stopped
    },
    get underWay() {
      return underWay.size
    },
    start(task) {
      const one = task()
        .catch(async (error: unknown) => {
          onError(error)
          if (!stopped) await pause()
        })
        .then(() => {
          underWay.delete(one)
          wake()
        })
      underWay.add(one)
    },
    async soon() {
      await Promise.race([Promise.all(underWay), turn()])
    },
  }

  /** What failed is not begun again at once. */
  async function pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    pauses.add(resolve)
    const end = clock.at(clock.now() + AFTER_FAILURE, resolve)
    await promise
    end()
    pauses.delete(resolve)
  }

  async function run(): Promise<void> {
    cancel()
    let next: number | undefined
    do {
      again = false
      try {
        next = await work(tasks)
      } catch (error) {
        onError(error)
        next = clock.now() + AFTER_FAILURE
        break
      }
    } while (again && !stopped)
    running = undefined
    if (next !== undefined && !stopped) cancel = clock.at(next, begin)
  }

  /** A virtual clock waits for what it sets off. */
  async function begin(): Promise<void> {
    if (!stopped) running ??= run()
    await idle()
  }

  function wake(): void {
    if (running !== undefined) again = true
    else void begin()
  }

  async function idle(): Promise<void> {
    while (running !== undefined || underWay.size > 0) await (running ?? Promise.all(underWay))
  }

  return {
    wake,
    idle,
    tasks,
    async stop() {
      stopped = true
      cancel()
      for (const end of pauses) end()
      await idle()
    },
  }
}
