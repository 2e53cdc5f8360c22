import { TRUE, type Truth, UNKNOWN } from '../behaviour/truth.ts'
import type { Profile, RuleStanding } from '../profile.ts'
import type { CompiledDefinition, CompiledRule, Truths } from './definition.ts'
import type { Draft } from './draft.ts'
import { evidenceOf } from './evidence.ts'
import { heldBack } from './guards.ts'

/**
 * Looks at the given rules, and at those whose hold has ended. A rule that became true is tried; one that a guard held
 * back is tried again at the guard's own time while it stays true; one that is no longer true is forgotten.
 */
export function decide(definition: CompiledDefinition, draft: Draft, touched: ReadonlySet<number>, at: number, now: number): void {
  const { profile } = draft
  const retries = ended(definition, profile, now)
  if (touched.size === 0 && retries.size === 0) return
  const truths: Truths = (index) => (profile.truths[index] ?? UNKNOWN) as Truth
  const candidates: { readonly rule: CompiledRule; readonly since: number }[] = []
  for (const index of [...new Set([...touched, ...retries])].sort((a, b) => a - b)) {
    const rule = definition.rules[index] as CompiledRule
    const standing = profile.rules[rule.rule.id]
    if (rule.when(truths) !== TRUE) {
      if (standing !== undefined) setStanding(draft, rule, undefined)
    } else if (standing === undefined || retries.has(index)) candidates.push({ rule, since: standing?.since ?? at })
  }
  if (candidates.length > 1) candidates.sort((a, b) => (b.rule.rule.priority ?? 0) - (a.rule.rule.priority ?? 0))
  for (const { rule, since } of candidates) attempt(definition, draft, rule, since, at, now)
}

/** Rules whose hold has ended by now. */
function ended(definition: CompiledDefinition, profile: Profile, now: number): ReadonlySet<number> {
  let rules = NONE
  for (const id in profile.rules) {
    const retryAt = profile.rules[id]?.retryAt
    if (retryAt === undefined || retryAt > now) continue
    const index = definition.ruleIndex.get(id)
    if (index !== undefined) rules = new Set([...rules, index])
  }
  return rules
}

const NONE: ReadonlySet<number> = new Set()

function attempt(definition: CompiledDefinition, draft: Draft, compiled: CompiledRule, since: number, at: number, now: number): void {
  const { profile } = draft
  const { rule } = compiled
  if (draft.mode === 'silent') {
    setStanding(draft, compiled, { since })
    return
  }
  const held = heldBack(definition, rule, profile, now)
  const key = `${rule.id}:${profile.id}:${since}`
  const ledger = { profile: profile.id, rule: rule.id, since, at: now, evidence: evidenceOf(definition, compiled.predicates, profile, at) }
  if (held === undefined) {
    draft.decisions.push({ ...ledger, key, outcome: 'sent', message: rule.send })
    const kept = profile.sends.filter((send) => send.at + definition.horizon > now)
    profile.sends = [...kept, { rule: rule.id, channel: rule.send.channel, at: now }]
    setStanding(draft, compiled, { since })
  } else {
    draft.decisions.push({ ...ledger, ...held, key: `${key}:${held.guard}:${now}`, outcome: 'suppressed' })
    setStanding(draft, compiled, held.retryAt === undefined ? { since } : { since, retryAt: held.retryAt })
  }
}

function setStanding(draft: Draft, { rule: { id } }: CompiledRule, standing: RuleStanding | undefined): void {
  const { [id]: _, ...others } = draft.profile.rules
  draft.profile.rules = standing === undefined ? others : { ...others, [id]: standing }
}
