import type { Cancel, Clock } from '@waymark/core'
import FlatQueue from 'flatqueue'

/** Knows when each profile next changes by time alone, and says so when the moment comes. */
export interface Scheduler {
  set(profile: string, at: number | undefined): void
  /** Resolves when all that fell due while nobody was looking has been done. */
  start(): Promise<void>
  stop(): void
  /** Profiles that wait for a moment. */
  readonly pending: number
  /** How many of them have waited past it. */
  due(now: number): number
}

/** Most profiles woken in one go; the rest follow at once, in commits of their own. */
const AT_ONCE = 1_000

/** A heap of moments. A profile whose wake moves away keeps its entry until that comes up, so that activity does not fill the heap. */
export function createScheduler(
  clock: Clock,
  wake: (due: readonly { readonly profile: string; readonly at: number }[]) => Promise<void>,
  /** What a virtual clock should wait for besides, before it moves on; the next wake does not. */
  settled: () => Promise<void>,
): Scheduler {
  const queue = new FlatQueue<string>()
  const wakes = new Map<string, number>()
  /** The earliest entry of each profile in the queue. */
  const queued = new Map<string, number>()
  let armed: { readonly at: number; readonly cancel: Cancel } | undefined
  let running = false

  function next(): number | undefined {
    for (;;) {
      const profile = queue.peek()
      if (profile === undefined) return undefined
      const at = wakes.get(profile)
      if (at === queue.peekValue()) return at
      queue.pop()
      if (queued.get(profile) !== undefined) enqueue(profile, at)
    }
  }

  function enqueue(profile: string, at: number | undefined): void {
    queued.delete(profile)
    if (at === undefined) return
    queued.set(profile, at)
    queue.push(profile, at)
  }

  function arm(): void {
    if (!running) return
    const at = next()
    if (at === armed?.at) return
    armed?.cancel()
    armed = at === undefined ? undefined : { at, cancel: clock.at(at, ring) }
  }

  async function ring(): Promise<void> {
    await wakeDue()
    await settled()
  }

  async function wakeDue(): Promise<void> {
    armed = undefined
    while (running) {
      const due: { profile: string; at: number }[] = []
      for (let at = next(); at !== undefined && at <= clock.now() && due.length < AT_ONCE; at = next()) {
        const profile = queue.pop() as string
        queued.delete(profile)
        wakes.delete(profile)
        due.push({ profile, at })
      }
      if (due.length === 0) break
      await wake(due)
    }
    arm()
  }

  return {
    set(profile, at) {
      if (at === undefined) wakes.delete(profile)
      else {
        wakes.set(profile, at)
        // Its entry comes up no later than that, and is put where it belongs then.
        const there = queued.get(profile)
        if (there === undefined || at < there) enqueue(profile, at)
      }
      arm()
    },
    async start() {
      running = true
      await wakeDue()
    },
    stop() {
      running = false
      armed?.cancel()
      armed = undefined
    },
    get pending() {
      return wakes.size
    },
    due(now) {
      const first = next()
      return first === undefined || first > now ? 0 : [...wakes.values()].filter((at) => at <= now).length
    },
  }
}
