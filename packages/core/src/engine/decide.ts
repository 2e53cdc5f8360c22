import { NEVER, NONE } from '../behaviour/evaluate/moment.ts'
import { TRUE } from '../behaviour/truth.ts'
import type { Send } from '../profile.ts'
import type { Attention } from './attention.ts'
import type { CompiledDefinition, RuleNode } from './definition.ts'
import { type Draft, nextWake, wakeOf, writePage } from './draft.ts'
import { type HeldBack, heldBack } from './guards.ts'
import { type Pages, pageOf } from './verdict.ts'

/**
 * Looks at the rules that need it, and at those whose hold has ended. A rule that became true is tried; one that a guard held
 * back is tried again at the guard's own time while it stays true; one that is no longer true is forgotten.
 */
export function decide(definition: CompiledDefinition, draft: Draft, attention: Attention, at: number, now: number): void {
  if (nextWake(draft) <= now) markEnded(definition, draft, attention, now)
  const { rules } = attention
  if (rules.count === 0) return
  const candidates: Candidate[] = []
  for (let index = 0; index < rules.count; index += 1) {
    const node = rules.at(index)
    const since = sinceOf(draft, node)
    if (node.when(draft) !== TRUE) {
      if (since !== NONE) setStanding(draft, attention, node, NONE)
    } else if (since === NONE) candidates.push({ node, since: at, moment: at })
    else if (retryAtOf(draft, node) <= now) candidates.push({ node, since, moment: Math.max(at, retryAtOf(draft, node)) })
  }
  for (const candidate of inTurn(candidates)) attempt(definition, draft, attention, candidate, at, now)
}

/** Rules whose hold has ended by now. */
function markEnded({ timed }: CompiledDefinition, draft: Draft, attention: Attention, now: number): void {
  for (let page = 0; page < timed.length; page += 1) {
    if (wakeOf(draft, page) > now) continue
    for (const node of timed[page]?.rules ?? []) if (retryAtOf(draft, node) <= now) attention.markRule(node)
  }
}

/** A rule that is true, and since when. */
export interface Candidate {
  readonly node: RuleNode
  readonly since: number
  /** When its turn came: as it became true, or when what held it back ended. */
  readonly moment: number
}

/** The higher priority first, then the order of the config: a cap may let only some of them through. */
export function inTurn(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates
  return candidates.toSorted((a, b) => (b.node.rule.priority ?? 0) - (a.node.rule.priority ?? 0) || a.node.index - b.node.index)
}

export function attempt(
  definition: CompiledDefinition,
  draft: Draft,
  attention: Pick<Attention, 'markPage'>,
  { node, since, moment }: Candidate,
  at: number,
  now: number,
): void {
  const { rule } = node
  if (draft.mode === 'silent' || (draft.muted.has(rule.id) && rule.backfill !== 'send')) {
    setStanding(draft, attention, node, since)
    return
  }
  // It has been sent for this already, to one of those who are one now or before late events had it end and begin again.
  if (draft.sends.some((send) => send.rule === rule.id && send.since === since)) {
    setStanding(draft, attention, node, since)
    return
  }
  const held = isStale(draft, rule.id, moment) ? STALE : heldBack(definition, node, draft, now)
  const key = `${rule.id}:${draft.id}:${since}`
  const cause = draft.cause === undefined ? {} : { cause: draft.cause }
  const ledger = { profile: draft.id, rule: rule.id, since, at: now, ...cause, evidence: node.account(draft, at) }
  if (held === undefined) {
    draft.decisions = [...draft.decisions, { ...ledger, key, outcome: 'sent', message: rule.send }]
    const kept = draft.sends.filter((send, index) => send.at + definition.horizon > now || (send.rule !== rule.id && isNewest(draft.sends, index)))
    // What is decided as of an earlier moment, by a timer that was caught up with, is not the newest.
    draft.sends = [...kept, { rule: rule.id, channel: rule.send.channel, since, at: now }].sort((a, b) => a.at - b.at)
  } else draft.decisions = [...draft.decisions, { ...ledger, ...held, key: `${key}:${held.guard}:${now}`, outcome: 'suppressed' }]
  setStanding(draft, attention, node, since, held?.retryAt)
}

const STALE: HeldBack = { guard: 'stale' }

/** Whether time alone brought it about, too long ago. A rule that is new or changed makes up for the past, or is muted. */
function isStale({ cause, freshFrom, muted }: Draft, rule: string, moment: number): boolean {
  return moment < freshFrom && cause === undefined && !muted.has(rule)
}

/** Whether no later send is of the same rule. */
function isNewest(sends: readonly Send[], index: number): boolean {
  return !sends.some((send, other) => other > index && send.rule === sends[index]?.rule)
}

/** Since when the rule is true, `NONE` when it is not. */
export function sinceOf(draft: Pages, { place: { page, cell } }: RuleNode): number {
  return pageOf(draft, page)[cell] as number
}

export function retryAtOf(draft: Pages, { place: { page, timer } }: RuleNode): number {
  return pageOf(draft, page)[timer] as number
}

export function setStanding(
  draft: Draft,
  attention: Pick<Attention, 'markPage'>,
  { place: { page, cell, timer } }: RuleNode,
  since: number,
  retryAt: number = NEVER,
): void {
  const before = pageOf(draft, page)
  if (before[cell] === since && before[timer] === retryAt) return
  const cells = writePage(draft, page)
  cells[cell] = since
  if (cells[timer] === retryAt) return
  cells[timer] = retryAt
  attention.markPage(page)
}
