import type { CanonicalEvent, Transaction } from '@waymark/core'
import { createProfiles, type Profiles } from '../../packages/host/src/profiles.ts'
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

const COMMIT = 1_000
const CHECKPOINT = 20_000

/**
 * Profiles in the host's own memory, with commits and checkpoints of its sizes but no store behind it. Every user acts once a day on
 * average, before and during the rounds and whatever their number, so that windows, timers and messages come up as often in a
 * large population as in a small one.
 */
export function population(users: number): { build(): Promise<Population>; round(): Promise<Population> } {
  const live = liveEngine()
  const profiles = createProfiles(live)
  const random = dice(19)
  let index = 0
  let clock = START
  let taken = 0

  async function take(into: Profiles, wires: readonly string[]): Promise<void> {
    const events = wires.map((wire) => JSON.parse(wire) as CanonicalEvent)
    const held = await into.load([...new Set(events.map(({ userId }) => userId as string))], NO_STORE)
    for (const event of events) {
      const id = event.userId as string
      const { profile } = live.step(held.get(id)?.profile, id, { kind: 'event', event }, event.timestamp)
      taken += 1
      held.set(id, { profile, seq: taken })
    }
    into.put(held, [], taken)
    if (taken % CHECKPOINT < COMMIT) into.written([...into.dirty().values()].map((one) => ({ ...one, definition: '' })))
  }

  /** Five to ten events each, the users' events among each other as they come to a host. */
  async function fill(into: Profiles, size: number): Promise<void> {
    let wires: string[] = []
    for (let day = 0; day < 10; day += 1) {
      for (let user = 0; user < size; user += 1) {
        if (day >= 5 + (user % 6)) continue
        wires.push(line(random, index++, `user-${user}`, START + day * DAY + Math.floor((user * DAY) / size)))
        if (wires.length < COMMIT) continue
        await take(into, wires)
        wires = []
      }
    }
    await take(into, wires)
  }

  return {
    async build() {
      // A first small population compiles the engine and lets the heap take its usual shape.
      await fill(createProfiles(live), 5_000)
      const before = weigh()
      await fill(profiles, users)
      clock = START + 10 * DAY
      const after = weigh()
      return { rss: after.rss - before.rss, heapUsed: after.heapUsed - before.heapUsed, seconds: 0 }
    },
    async round() {
      const lines = Array.from({ length: EVENTS }, () => {
        clock += DAY / users
        return line(random, index++, `user-${random(users)}`, Math.floor(clock))
      })
      const start = performance.now()
      for (let from = 0; from < lines.length; from += COMMIT) await take(profiles, lines.slice(from, from + COMMIT))
      return { rss: 0, heapUsed: 0, seconds: (performance.now() - start) / 1_000 }
    },
  }
}

/** What is not in memory is new. */
const NO_STORE = { snapshots: async () => new Map() } as unknown as Transaction

/** After collections as thorough as the one that follows when memory runs out: what they leave is in use. */
function weigh(): { rss: number; heapUsed: number } {
  if (globalThis.gc === undefined) throw new Error('weighing profiles needs --expose-gc')
  for (let time = 0; time < 3; time += 1) globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed }
}
