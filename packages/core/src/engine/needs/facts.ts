import { consentIn } from '../../consent.ts'
import { type CanonicalEvent, isActivity } from '../../event.ts'
import type { ConsentPolicy } from '../../governance.ts'
import { type Keeper, keepAll, keepNewest } from './stretch.ts'

/** What every profile knows, whatever the conditions: what it needs of events. */

/** When somebody was first seen. */
export const keepFirstSeen: Keeper = ({ old, kept }) => {
  if (old > 0) kept[0] = true
}

/** What is said of a user, by name; `back` as trait conditions look back. */
export function keepTraits(back: number): Keeper {
  return keepNewest(({ type, traits }) => (type === 'identify' ? Object.keys(traits) : []), back)
}

export const keepTimezone: Keeper = keepNewest(({ context }) => (typeof context['timezone'] === 'string' ? ['timezone'] : []), 0)

/** Who is who was said with these, and what group somebody is of. They are few. */
export const keepTies: Keeper = keepAll(({ type }) => type === 'alias' || type === 'group')

/** What was agreed to last, and every time an answer was another than before: as proof. */
export function keepConsent(policy: ConsentPolicy | undefined): Keeper {
  const keepLast = keepNewest((event) => Object.keys(consentIn(event, policy) ?? {}), 0)
  return (stretch) => {
    keepLast(stretch)
    const given = new Map<string, string>()
    for (let index = 0; index < stretch.old; index += 1) {
      for (const [purpose, answer] of Object.entries(consentIn(stretch.events[index] as CanonicalEvent, policy) ?? {})) {
        if (given.get(purpose) !== answer) stretch.kept[index] = true
        given.set(purpose, answer)
      }
    }
  }
}

/**
 * Which sessions there were, and when somebody was last active. Of what is older than `back` milliseconds, as many as are needed for no pause within a
 * session to be longer than those that end one: then others' events fall into the same sessions as they would with all of them.
 */
export function keepSessions(gap: number, back: number): Keeper {
  return ({ events, from, kept }) => {
    let last = Number.NEGATIVE_INFINITY
    let before = -1
    const pass = (index: number, next: number): void => {
      if (kept[index] !== true && next - last > gap) kept[index] = true
      if (kept[index] === true) last = (events[index] as CanonicalEvent).timestamp
    }
    for (const [index, event] of events.entries()) {
      if (!isActivity(event)) continue
      if (before >= 0) pass(before, event.timestamp)
      before = index
      if (event.timestamp >= from - back) kept[index] = true
    }
    if (before >= 0) pass(before, Number.POSITIVE_INFINITY)
  }
}
