import type { Clock } from '@waymark/core'

/** A clock that stands where it is put, and rings as it passes by. It may be put back, unlike a host's. */
export interface MemoryClock extends Clock {
  /** Puts it there. What fell due by then is set off at once, the longest due first, and not waited for. */
  set(time: number): void
  /** Goes there, stopping wherever something falls due and waiting for it. */
  moveTo(time: number): Promise<void>
}

interface Waiting {
  readonly time: number
  run(): void | Promise<void>
}

export function memoryClock(start: number): MemoryClock {
  let now = start
  const waiting = new Set<Waiting>()

  const next = (until: number): number | undefined => {
    const due = [...waiting].map(({ time }) => time).filter((time) => time <= until)
    return due.length === 0 ? undefined : Math.min(...due)
  }
  async function ring(): Promise<void> {
    const due = [...waiting].filter(({ time }) => time <= now).sort((left, right) => left.time - right.time)
    for (const one of due) waiting.delete(one)
    await Promise.all(due.map((one) => one.run()))
  }

  return {
    now: () => now,
    at(time, run) {
      const one: Waiting = { time, run }
      waiting.add(one)
      // What has passed already rings by itself, once its caller has what cancels it.
      if (time <= now) queueMicrotask(() => void ring())
      return () => void waiting.delete(one)
    },
    set(time) {
      now = time
      void ring()
    },
    async moveTo(time) {
      for (let stop = next(time); stop !== undefined; stop = next(time)) {
        now = Math.max(now, stop)
        await ring()
      }
      now = time
    },
  }
}
