import { NONE } from '../behaviour/evaluate/moment.ts'
import type { CanonicalEvent } from '../event.ts'
import type { Past, RuleStanding, Send } from '../profile.ts'
import type { Rule } from '../rule.ts'
import { attempt, type Candidate, inTurn, setStanding, sinceOf } from './decide.ts'
import type { CompiledDefinition } from './definition.ts'
import { asOf, type Draft, draftOf, type Mode, newDraft, profileOf } from './draft.ts'
import { membershipsOf } from './reading.ts'
import { setWakes } from './settle.ts'
import { appear, applyEvent, applyTick } from './step.ts'

/** See `Engine.rebuild`. */
export function rebuild(
  definition: CompiledDefinition,
  id: string,
  history: readonly CanonicalEvent[],
  previous: readonly Past[],
  now: number,
  mode: Mode | 'backfill',
): Draft {
  const fold = newDraft(definition, id, 'silent')
  for (const event of history) applyEvent(definition, fold, event, event.receivedAt)
  const reached = Math.max(...previous.map((profile) => profile.asOf.at), Number.NEGATIVE_INFINITY)
  if (fold.isNew) appear(definition, fold, Number.isFinite(reached) ? reached : now)
  if (reached > asOf(fold)) applyTick(definition, fold, reached, now)

  // What was decided is a fact, not something to derive: standings and sends are carried over.
  const draft = draftOf(definition, profileOf(fold), 'decide')
  // What is made up for is of the past whatever its age.
  if (mode === 'decide') draft.freshFrom = now - definition.staleAfter
  draft.sends = previous.flatMap(({ sends }) => sends).sort((a, b) => a.at - b.at)
  const attention = definition.attention.clear()
  const risen: Candidate[] = []
  for (const node of definition.rules) {
    const since = sinceOf(draft, node)
    if (since === NONE) continue
    const earlier = standingIn(previous, node.rule.id)
    // Under another definition a hold may be of a time long gone by: what has risen anew since then was not held back.
    const isHeld = mode === 'decide' || since <= (earlier?.since ?? 0)
    if (earlier !== undefined) setStanding(draft, attention, node, isHeld ? earlier.since : since, isHeld ? earlier.retryAt : undefined)
    else if (mode === 'decide' || (mode === 'backfill' && isMadeUpFor(node.rule, draft.sends))) risen.push({ node, since, moment: since })
  }
  for (const candidate of inTurn(risen)) {
    draft.cause = history.findLast(({ timestamp }) => timestamp === candidate.since)?.messageId
    attempt(definition, draft, attention, candidate, asOf(draft), now)
  }
  setWakes(definition, draft, attention)
  draft.changes = changesSince(definition, draft, previous[0])
  return draft
}

/** One that was decided for good outranks one that is to be tried again: what was sent to the visitor is not sent to the user. */
function standingIn(previous: readonly Past[], rule: string): RuleStanding | undefined {
  const standings = previous.flatMap(({ rules }) => rules[rule] ?? [])
  return standings.find(({ retryAt }) => retryAt === undefined) ?? standings[0]
}

/** Whether a rule sends its message for the past too, to somebody who has not had it. */
function isMadeUpFor({ id, backfill }: Rule, sends: readonly Send[]): boolean {
  return backfill === 'send' && !sends.some(({ rule }) => rule === id)
}

function changesSince(definition: CompiledDefinition, draft: Draft, previous: Past | undefined): Draft['changes'] {
  const fresh = new Map(membershipsOf(definition, draft).map((membership) => [membership.segment, membership]))
  const ids = new Set([...fresh.keys(), ...Object.keys(previous?.memberships ?? {})])
  return [...ids].flatMap((segment) => {
    const from = previous?.memberships[segment]?.member
    const now = fresh.get(segment)
    if (from === now?.member) return []
    return [{ profile: draft.id, segment, from, to: now?.member, at: now?.since ?? asOf(draft) }]
  })
}
