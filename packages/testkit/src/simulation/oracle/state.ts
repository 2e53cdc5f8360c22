import { type Engine, milliseconds, type Profile } from '@waymark/core'
import type { Facts, Violation } from './facts.ts'
import type { Logged, People } from './people.ts'

/** How late a timer may ring, in milliseconds. */
const LATEST = 1_000

/** Everybody is where reading their events one by one, in order, leaves them. */
export function state(facts: Facts, people: People): readonly Violation[] {
  const { engine, snapshots, profileIds, now } = facts
  const from = horizonOf(facts)
  const violations: Violation[] = []
  const expected = [...people.all.keys()].filter((profile) => people.ownerOf(profile) === profile).sort()
  if (JSON.stringify(expected) !== JSON.stringify([...profileIds].sort())) {
    violations.push({ check: 'wrong profiles', what: `there are ${[...profileIds].sort().join(', ')} in place of ${expected.join(', ')}` })
  }
  for (const profile of expected) {
    const held = snapshots.get(profile)?.profile
    const history = people.all.get(profile) ?? []
    if (held === undefined) {
      violations.push({ check: 'profile lost', what: `there is no snapshot of ${profile}` })
      continue
    }
    if (history.length === 0) continue
    const is = standingOf(engine, held, now, from)
    const should = standingOf(engine, foldOf(engine, profile, history), now, from)
    if (is !== should) violations.push({ check: 'wrong state', what: `${profile} is ${is} and should be ${should}` })
    const wake = engine.nextWake(held)
    if (wake !== undefined && wake <= now - LATEST) violations.push({ check: 'timer overdue', what: `${profile} should have been woken ${now - wake} ms ago` })
  }
  return violations
}

/** A process that has to begin with the log knows what the one before it knew. */
export function recovered(facts: Facts): readonly Violation[] {
  const { known, engine, now, config } = facts
  // What conditions keep of events that are gone by now nobody sees.
  const asKept = (profile: Profile) => (config.retention?.log === undefined ? JSON.stringify(profile) : standingOf(engine, profile, now, horizonOf(facts)))
  return known.before.flatMap(({ profile }) => {
    const after = known.after.get(profile.id)?.profile
    const [had, found] = [asKept(profile), after === undefined ? undefined : asKept(after)]
    return had === found ? [] : [{ check: 'wrong recovery', what: `${profile.id} was ${had} and came back as ${found}` }]
  })
}

export function foldOf(engine: Engine, id: string, history: readonly Logged[]): Profile {
  let profile: Profile | undefined
  for (const { event } of history) profile = engine.step(profile, id, { kind: 'event', event }, event.receivedAt).profile
  return profile as Profile
}

/** Of what is so since before then, that is all there is to know. */
function horizonOf({ config: { retention }, now }: Facts): number {
  return retention?.log === undefined ? Number.NEGATIVE_INFINITY : now - milliseconds(retention.log.age)
}

function standingOf(engine: Engine, profile: Profile, at: number, from: number): string {
  const { profile: who, segments, rules } = engine.read(profile, at)
  return JSON.stringify({
    who,
    segments: segments.map(({ segment, member, since }) => `${segment} ${member} since ${since === undefined ? since : Math.max(since, from)}`),
    rules: rules.map(({ rule, truth }) => `${rule} ${truth}`),
  })
}
