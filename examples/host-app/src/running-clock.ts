import type { VirtualClock } from '@waymark/host'

const BEAT = 200

export interface RunningClock extends VirtualClock {
  stop(): void
}

/**
 * Lets a virtual clock go along with real time, so that it can be used as a clock on the wall that can also be put
 * forward. Moves go one after another: what falls due on the way is done before the next begins.
 */
export function runningClock(clock: VirtualClock): RunningClock {
  let last = performance.now()
  let queue: Promise<void> = Promise.resolve()

  function move(to: () => number): Promise<void> {
    const moved = queue.then(() => clock.moveTo(to()))
    queue = moved.catch(() => {})
    return moved
  }
  function beat(): Promise<void> {
    return move(() => {
      const passed = Math.floor(performance.now() - last)
      last += passed
      return clock.now() + passed
    })
  }
  const timer = setInterval(() => void beat(), BEAT)
  return {
    now: () => clock.now(),
    at: (time, run) => clock.at(time, run),
    moveTo: (time) => move(() => time),
    jumpTo: (time) => clock.jumpTo(time),
    stop: () => clearInterval(timer),
  }
}
