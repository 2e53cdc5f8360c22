import type { Cancel } from '@waymark/core'
import FlatQueue from 'flatqueue'
import type { Random } from './random.ts'

/** Everything that happens in a simulated world, one after the other, in virtual time. */
export interface EventLoop {
  /** The true time, which no clock in the world need show. Epoch milliseconds. */
  now(): number
  /** Runs `act` so many milliseconds later. What falls on one millisecond happens in an order drawn by lot. */
  after(milliseconds: number, act: () => void): Cancel
  wait(milliseconds: number): Promise<void>
  /**
   * Goes on until `done`, or until the true time would pass `until`. False when that came first, or nothing is left that could
   * happen, or too much has: `done` will not come about.
   */
  run(until: number, done?: () => boolean): Promise<boolean>
  /** How many acts there have been. */
  readonly steps: number
}

/** A world that is busier than this goes round in circles. */
const MOST_STEPS = 300_000

interface Task {
  act: (() => void) | undefined
}

export function createEventLoop(start: number, random: Random): EventLoop {
  const queue = new FlatQueue<Task>()
  let now = start
  let steps = 0

  function after(milliseconds: number, act: () => void): Cancel {
    const task: Task = { act }
    // The fraction of a millisecond is the lot. Like a real timer, one for no moment at all is for now.
    queue.push(task, now + (milliseconds > 0 ? Math.round(milliseconds) : 0) + random.next())
    return () => {
      task.act = undefined
    }
  }

  return {
    now: () => now,
    get steps() {
      return steps
    },
    after,
    wait: (milliseconds) => new Promise((resolve) => void after(milliseconds, resolve)),
    async run(until, done = () => false) {
      for (;;) {
        await settled()
        if (done()) return true
        const time = queue.peekValue()
        if (time === undefined || time > until || steps >= MOST_STEPS) {
          if (time === undefined || time > until) now = Math.max(now, until)
          return done()
        }
        const task = queue.pop() as Task
        if (task.act === undefined) continue
        steps += 1
        now = Math.max(now, Math.floor(time))
        task.act()
      }
    },
  }
}

/** Every promise that can go on has gone on: nothing in the world waits for anything outside of it. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
