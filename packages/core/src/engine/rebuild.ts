import type { CanonicalEvent } from '../event.ts'
import type { Past, Profile, RuleStanding, Send } from '../profile.ts'
import { decide } from './decide.ts'
import type { CompiledDefinition } from './definition.ts'
import { type Draft, draftOf } from './draft.ts'
import { applyEvent, applyTick } from './step.ts'

/** See `Engine.rebuild`. */
export function rebuild(
  definition: CompiledDefinition,
  id: string,
  history: Iterable<CanonicalEvent>,
  previous: readonly Past[],
  now: number,
  mode: Draft['mode'],
): Draft {
  let fold: Draft | undefined
  for (const event of history) {
    fold ??= draftOf(undefined, id, event.timestamp, 'silent')
    applyEvent(definition, fold, event, event.receivedAt)
  }
  const reached = Math.max(...previous.map((profile) => profile.asOf.at), Number.NEGATIVE_INFINITY)
  fold ??= draftOf(undefined, id, Number.isFinite(reached) ? reached : now, 'silent')
  if (reached > fold.profile.asOf.at) applyTick(definition, fold, reached, now)

  // What was decided is a fact, not something to derive: standings and sends are carried over.
  const fresh = fold.profile
  const rules: Record<string, RuleStanding> = {}
  const risen = new Set<number>()
  definition.rules.forEach(({ rule }, index) => {
    const standing = fresh.rules[rule.id]
    if (standing === undefined) return
    const earlier = previous.find((profile) => profile.rules[rule.id] !== undefined)?.rules[rule.id]
    if (earlier !== undefined) rules[rule.id] = earlier
    else if (mode === 'silent') rules[rule.id] = standing
    else risen.add(index)
  })
  const draft: Draft = {
    profile: { ...fresh, rules, sends: mergedSends(previous) },
    decisions: [],
    changes: membershipChanges(fresh, previous[0]),
    mode,
  }
  if (mode === 'decide') decide(definition, draft, risen, draft.profile.asOf.at, now)
  return draft
}

function mergedSends(previous: readonly Past[]): readonly Send[] {
  return previous.flatMap((profile) => profile.sends).sort((a, b) => a.at - b.at)
}

function membershipChanges(fresh: Profile, previous: Past | undefined): Draft['changes'] {
  const ids = new Set([...Object.keys(fresh.memberships), ...Object.keys(previous?.memberships ?? {})])
  return [...ids].flatMap((segment) => {
    const from = previous?.memberships[segment]?.member
    const membership = fresh.memberships[segment]
    if (from === membership?.member) return []
    return [{ profile: fresh.id, segment, from, to: membership?.member, at: membership?.since ?? fresh.asOf.at }]
  })
}
