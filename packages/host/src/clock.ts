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

/** A clock that is moved by hand. */
export interface VirtualClock extends Clock {
  /** Goes to `time`, running everything due on the way at its own moment and waiting for it. Never goes back. */
  moveTo(time: number): Promise<void>
  /** Time passes and nobody looks: what falls due on the way waits for the next `moveTo`. */
  jumpTo(time: number): void
}

interface Waiting {
  readonly time: number
  readonly run: () => void | Promise<void>
}

/** Stands still between moves. */
export function virtualClock(start: number): VirtualClock {
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
      for (let one = earliest(waiting, time); one !== undefined; one = earliest(waiting, time)) {
        waiting.delete(one)
        now = Math.max(now, one.time)
        await one.run()
      }
      now = Math.max(now, time)
    },
  }
}

/** Runs like the system's clock from `start` on, and can be moved ahead of it: for demonstrations of what days bring. */
export function travellingClock(start: number): VirtualClock {
  const system = systemClock()
  let offset = start - system.now()
  let held: number | undefined
  const waiting = new Map<Waiting, Cancel>()
  const now = () => held ?? system.now() + offset

  function arm(one: Waiting): Cancel {
    return system.at(one.time - offset, () => {
      if (held !== undefined || !waiting.delete(one)) return
      return one.run()
    })
  }

  /** Holds the time at whatever `act` sets it to; afterwards it runs on from there. */
  async function hold(act: () => Promise<void>): Promise<void> {
    held ??= now()
    try {
      await act()
    } finally {
      offset = (held ?? now()) - system.now()
      held = undefined
      for (const [one, cancel] of waiting) {
        cancel()
        waiting.set(one, arm(one))
      }
    }
  }

  return {
    now,
    at(time, run) {
      const one = { time, run }
      waiting.set(one, held === undefined ? arm(one) : () => {})
      return () => {
        waiting.get(one)?.()
        waiting.delete(one)
      }
    },
    jumpTo(time) {
      offset += Math.max(0, time - now())
    },
    moveTo: (time) =>
      hold(async () => {
        for (let one = earliest(waiting.keys(), time); one !== undefined; one = earliest(waiting.keys(), time)) {
          waiting.get(one)?.()
          waiting.delete(one)
          held = Math.max(held ?? 0, one.time)
          await one.run()
        }
        held = Math.max(held ?? 0, time)
      }),
  }
}

function earliest(waiting: Iterable<Waiting>, until: number): Waiting | undefined {
  let first: Waiting | undefined
  for (const one of waiting) if (one.time <= until && (first === undefined || one.time < first.time)) first = one
  return first
}
