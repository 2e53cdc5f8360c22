import type { WireEvent } from '../to-amplitude.ts'
import { type Hold, peopleOf } from './answer.ts'

/** Who has to wait, over deliveries: what a throttled user does next must not overtake what is held back. */
export interface Holds {
  add(holds: readonly Hold[], now: number): void
  /** How long the event has to wait yet, in milliseconds; undefined when not at all. */
  waitOf(event: WireEvent, now: number): number | undefined
}

export function createHolds(): Holds {
  const until = new Map<string, number>()
  return {
    add(holds, now) {
      for (const [who, end] of until) if (end <= now) until.delete(who)
      for (const { who, ms } of holds) until.set(who, Math.max(now + ms, until.get(who) ?? 0))
    },
    waitOf(event, now) {
      const end = Math.max(0, ...peopleOf(event).map((who) => until.get(who) ?? 0))
      return end > now ? end - now : undefined
    },
  }
}
