import type { Cancel, Clock } from '@waymark/core'

/** setTimeout cannot wait longer than this; longer waits are taken in steps. */
const LONGEST_WAIT = 2 ** 31 - 1

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

/** A clock that stands still until it is moved. */
export interface VirtualClock extends Clock {
  /** Goes to `time`, running everything due on the way at its own moment and waiting for it. Never goes back. */
  moveTo(time: number): Promise<void>
}

export function virtualClock(start: number): VirtualClock {
  let now = start
  let order = 0
  const waiting = new Map<number, { readonly time: number; readonly run: () => void | Promise<void> }>()

  function next(until: number): number | undefined {
    let first: number | undefined
    for (const [id, { time }] of waiting) {
      if (time <= until && (first === undefined || time < (waiting.get(first)?.time ?? 0))) first = id
    }
    return first
  }

  return {
    now: () => now,
    at(time, run): Cancel {
      order += 1
      const id = order
      waiting.set(id, { time, run })
      return () => waiting.delete(id)
    },
    async moveTo(time) {
      for (let id = next(time); id !== undefined; id = next(time)) {
        const due = waiting.get(id)
        waiting.delete(id)
        now = Math.max(now, due?.time ?? now)
        await due?.run()
      }
      now = Math.max(now, time)
    },
  }
}
