import type { Clock } from '@waymark/core'

/** Longer waits are taken in steps, in milliseconds: `setTimeout` does not see that the wall clock was put forward, or that the machine slept. */
const LONGEST_WAIT = 10_000

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    at(time, run) {
      let timer: ReturnType<typeof setTimeout>
      const arm = (): void => {
        const wait = Math.max(0, time - Date.now())
        timer = setTimeout(wait > LONGEST_WAIT ? arm : fire, Math.min(wait, LONGEST_WAIT))
      }
      const fire = (): void => {
        // A timer may ring a millisecond early; what waits for a moment must never see an earlier one.
        if (Date.now() < time) arm()
        else void run()
      }
      arm()
      return () => clearTimeout(timer)
    },
  }
}

/** A clock that is moved by hand. */
export interface VirtualClock extends Clock {
  /**
   * Goes to `time`, running everything due on the way at its own moment and waiting for it, but for at most 10 s of real time: it may be
   * waiting for this very clock. Never goes back.
   */
  moveTo(time: number): Promise<void>
  /** Time passes and nobody looks: what falls due on the way waits for the next `moveTo`. */
  jumpTo(time: number): void
}

interface Waiting {
  readonly time: number
  readonly run: () => void | Promise<void>
}

/** How long it waits for what it set off, in real milliseconds, before it takes it that this waits for the clock itself. */
const PATIENCE = 10_000

/**
 * Stands still between moves. With `turns` it waits for so many turns of the event loop after each thing it sets off, no more and no less:
 * for worlds in which all that takes time takes it from this clock.
 */
export function virtualClock(start: number, { turns }: { readonly turns?: number } = {}): VirtualClock {
  let now = start
  const waiting = new Set<Waiting>()
  return {
    now: () => now,
    at(time, run) {
      const one = { time, run }
      waiting.add(one)
      return () => waiting.delete(one)
    },
    jumpTo(time) {
      now = Math.max(now, time)
    },
    async moveTo(time) {
      // What was set off before it moves happens before it moves.
      if (turns !== undefined) await settled(undefined, turns)
      for (let one = earliest(waiting, time); one !== undefined; one = earliest(waiting, time)) {
        waiting.delete(one)
        now = Math.max(now, one.time)
        await settled(one.run(), turns)
      }
      now = Math.max(now, time)
    },
  }
}

async function settled(work: void | Promise<void>, turns: number | undefined): Promise<void> {
  if (turns !== undefined) {
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
    return
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, PATIENCE)
  try {
    await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

function earliest(waiting: Iterable<Waiting>, until: number): Waiting | undefined {
  let first: Waiting | undefined
  for (const one of waiting) if (one.time <= until && (first === undefined || one.time < first.time)) first = one
  return first
}
