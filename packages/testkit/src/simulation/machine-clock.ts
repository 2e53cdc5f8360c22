import type { Cancel, Clock } from '@waymark/core'
import type { EventLoop } from './event-loop.ts'
import type { Random } from './random.ts'

/** The clock of the machine the host runs on: it may be wrong, and be put right or wronger while the host runs. */
export interface MachineClock {
  now(): number
  /** Puts it forward or back, in milliseconds. */
  jump(by: number): void
  /** How far its error has ever ranged, in milliseconds. */
  readonly spread: number
  /** For one process; what it waits for does not come about once it is stopped. */
  forProcess(onError: (error: unknown) => void): Clock & { stop(): void }
}

/** A timer rings up to so many milliseconds late, as they do. Never early. */
const LATEST = 3

interface Timer {
  readonly time: number
  readonly ring: () => void
  cancel: Cancel
}

export function createMachineClock(loop: EventLoop, random: Random): MachineClock {
  let offset = 0
  let [least, most] = [0, 0]
  const timers = new Set<Timer>()
  const now = (): number => loop.now() + offset

  function arm(timer: Timer): void {
    timer.cancel = loop.after(timer.time - now() + random.below(LATEST + 1), () => {
      timers.delete(timer)
      timer.ring()
    })
  }

  return {
    now,
    get spread() {
      return most - least
    },
    jump(by) {
      offset += by
      ;[least, most] = [Math.min(least, offset), Math.max(most, offset)]
      for (const timer of timers) {
        timer.cancel()
        arm(timer)
      }
    },
    forProcess(onError) {
      const own = new Set<Timer>()
      let isStopped = false
      return {
        now,
        at(time, run) {
          if (isStopped) return () => {}
          const timer: Timer = {
            time,
            cancel: () => {},
            ring() {
              own.delete(timer)
              Promise.resolve().then(run).catch(onError)
            },
          }
          const stop = (): void => {
            own.delete(timer)
            timers.delete(timer)
            timer.cancel()
          }
          own.add(timer)
          timers.add(timer)
          arm(timer)
          return stop
        },
        stop() {
          isStopped = true
          for (const timer of own) {
            timers.delete(timer)
            timer.cancel()
          }
          own.clear()
        },
      }
    },
  }
}
