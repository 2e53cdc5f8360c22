import type { CanonicalEvent, Profile } from '@waymark/core'
import { compared, type Measurement, median } from '../measure.ts'
import { dice, line, liveEngine } from '../workload.ts'

const name = 'engine.event_100k_vs_100'
/** Both are measured over the hundred (or thousand) events around the one they are named after. */
const EARLY = { from: 50, to: 150, users: 10 }
const LATE = { from: 99_500, to: 100_500 }
const ROUNDS = 15
const SECONDS = 30

/**
 * One event every ten seconds: after 100,000 of them the window of seven days holds 60,000, and loses one for each it takes in.
 * Every user is new, since a step may share what it keeps with the profile it started from. A round measures 1,000 events of
 * either sort; on an engine that slows down, rounds end with the time.
 */
export const atEvent: Measurement = {
  rows: [
    {
      name,
      compares: "a user's 100,000th event, one every ten seconds, 20 mixed conditions / the 100th",
      target: { atMost: 1.2 },
    },
  ],
  async run() {
    const random = dice(17)
    const events = Array.from({ length: LATE.to }, (_, index) => parsed(line(random, index, 'user', Date.UTC(2026, 0, 1) + index * 10_000)))
    const live = liveEngine()

    function go(profile: Profile | undefined, from: number, to: number): Profile | undefined {
      let latest = profile
      for (let index = from; index < to; index += 1) {
        const event = events[index] as CanonicalEvent
        latest = live.step(latest, 'user', { kind: 'event', event }, event.timestamp).profile
      }
      return latest
    }

    const early: number[] = []
    const late: number[] = []
    const end = performance.now() + SECONDS * 1_000
    // The first round warms up.
    for (let round = 0; round <= ROUNDS && (round < 2 || performance.now() < end); round += 1) {
      let spent = 0
      for (let user = 0; user < EARLY.users; user += 1) {
        const ready = go(undefined, 0, EARLY.from)
        const start = performance.now()
        go(ready, EARLY.from, EARLY.to)
        spent += performance.now() - start
      }
      const ready = go(undefined, 0, LATE.from)
      const start = performance.now()
      go(ready, LATE.from, LATE.to)
      if (round === 0) continue
      early.push((spent * 1e6) / (EARLY.users * (EARLY.to - EARLY.from)))
      late.push(((performance.now() - start) * 1e6) / (LATE.to - LATE.from))
    }
    return [compared(name, median(late), median(early), 'ns/event')]
  },
}

function parsed(wire: string): CanonicalEvent {
  return JSON.parse(wire) as CanonicalEvent
}
