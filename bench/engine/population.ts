import type { CanonicalEvent, Profile } from '@waymark/core'
import { dice, line, liveEngine } from '../workload.ts'

/** Events of one round. */
export const EVENTS = 200_000

/** What a question brings: how much memory building took, or how long a round did. */
export interface Population {
  readonly rss: number
  readonly heapUsed: number
  readonly seconds: number
}

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)

/**
 * Profiles in a map, as a host holds them. Every user acts once a day on average, before and during the rounds and whatever
 * their number, so that windows, timers and messages come up as often in a large population as in a small one.
 */
export function population(users: number): { build(): Population; round(): Population } {
  const live = liveEngine()
  const profiles = new Map<string, Profile>()
  const random = dice(19)
  let index = 0
  let clock = START

  function take(into: Map<string, Profile>, wire: string): void {
    const event = JSON.parse(wire) as CanonicalEvent
    const id = event.userId as string
    into.set(id, live.step(into.get(id), id, { kind: 'event', event }, event.timestamp).profile)
  }

  /** Five to ten events each, the users' events among each other as they come to a host. */
  function fill(into: Map<string, Profile>, size: number): void {
    for (let day = 0; day < 10; day += 1) {
      for (let user = 0; user < size; user += 1) {
        if (day >= 5 + (user % 6)) continue
        take(into, line(random, index++, `user-${user}`, START + day * DAY + Math.floor((user * DAY) / size)))
      }
    }
  }

  return {
    build() {
      // A first small population compiles the engine and lets the heap take its usual shape.
      fill(new Map(), 5_000)
      const before = weigh()
      fill(profiles, users)
      clock = START + 10 * DAY
      const after = weigh()
      return { rss: after.rss - before.rss, heapUsed: after.heapUsed - before.heapUsed, seconds: 0 }
    },
    round() {
      const lines = Array.from({ length: EVENTS }, () => {
        clock += DAY / users
        return line(random, index++, `user-${random(users)}`, Math.floor(clock))
      })
      const start = performance.now()
      for (const wire of lines) take(profiles, wire)
      return { rss: 0, heapUsed: 0, seconds: (performance.now() - start) / 1_000 }
    },
  }
}

/** After collections as thorough as the one that follows when memory runs out: what they leave is in use. */
function weigh(): { rss: number; heapUsed: number } {
  if (globalThis.gc === undefined) throw new Error('weighing profiles needs --expose-gc')
  for (let time = 0; time < 3; time += 1) globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed }
}
