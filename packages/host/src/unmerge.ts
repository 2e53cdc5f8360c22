import { type CanonicalEvent, type Decision, type Engine, type IdentityKey, type LogEntry, type Past, type Reading, TRUE } from '@waymark/core'
import { keyOfProfile, keysOf, keysOfName, userKey, visitorKey } from './identity.ts'
import { pastFrom } from './recovery.ts'

/** Whose event it is among those of one profile: the user's it names, else the visitor's. */
function leading(event: CanonicalEvent): IdentityKey | undefined {
  return keysOf(event)[0]
}

/**
 * The ids that leave with `from`: those named, those it brought, and those that first came with one that leaves, while the two were
 * one. `history` is all that counts for the two together, `there` all their ids.
 */
export function keysLeaving(
  from: string,
  named: readonly IdentityKey[],
  brought: readonly IdentityKey[],
  there: readonly IdentityKey[],
  history: readonly LogEntry[],
): readonly IdentityKey[] {
  const leaving = new Set<IdentityKey>([keyOfProfile(from), ...named, ...brought])
  const cameWith = new Map<IdentityKey, IdentityKey>()
  for (const { input } of [...history].sort((a, b) => a.seq - b.seq)) {
    if (input.kind !== 'event' || input.event.userId === undefined) continue
    const { userId, anonymousId, previousId, type } = input.event
    const others = [
      ...(anonymousId === undefined ? [] : [visitorKey(anonymousId)]),
      ...(type === 'alias' && previousId !== undefined ? keysOfName(previousId) : []),
    ]
    for (const key of others) if (!cameWith.has(key)) cameWith.set(key, userKey(userId))
  }
  // What came with an id that itself came with one that leaves follows in the next round.
  for (let size = 0; size !== leaving.size; ) {
    size = leaving.size
    for (const key of there) if (leaving.has(cameWith.get(key) as IdentityKey)) leaving.add(key)
  }
  return there.filter((key) => leaving.has(key))
}

/** Events that came under one of the ids alone. One that names the user as well stays the user's. */
export function entriesLeaving(keys: readonly IdentityKey[], history: readonly LogEntry[]): readonly LogEntry[] {
  const leaving = new Set(keys)
  return history.filter(({ input }) => {
    const key = input.kind === 'event' ? leading(input.event) : undefined
    return key !== undefined && leaving.has(key)
  })
}

export interface Parted {
  readonly past: Past
  /** Ledger lines for the rules that are true and send nothing because of the unmerge. */
  readonly settled: readonly Decision[]
}

/** One of the two, and what was made of both. */
export interface Half {
  readonly id: string
  readonly events: readonly CanonicalEvent[]
  /** Its own decisions, newest first. */
  readonly ledger: readonly Decision[]
  /** What was decided for the two together and stays the other's. */
  readonly together: readonly Decision[]
  /** How the two together stood. */
  readonly before: Past
}

/**
 * What one of the two goes on with: its own sends, and of its rules that are true now what its own ledger says. Nothing is sent
 * for what the unmerge alone makes true, nor for what came due while the two were one: that was decided for both. A rule that is
 * held back stays so until its time.
 */
export function partedPast(engine: Engine, { id, events, ledger, together, before }: Half, now: number): Parted {
  const { asOf } = before
  const hasFailed = ({ rule, at }: Decision) => before.sends.some((send) => send.undelivered && send.rule === rule && send.at === at)
  const bare: Past = { ...pastFrom(asOf, ledger, hasFailed), rules: {} }
  const { profile } = engine.rebuild(id, events, [bare], now, 'silent')
  const decidedTogether = new Set(together.map(({ rule }) => rule))
  const sentTogether = new Set(together.flatMap(({ rule, outcome }) => (outcome === 'sent' ? [rule] : [])))
  const rules: Record<string, Past['rules'][string]> = {}
  const settled: Decision[] = []
  for (const standing of engine.read(profile, Math.max(asOf.at, engine.pastOf(profile).asOf.at)).rules) {
    const { rule, truth, since } = standing
    if (truth !== TRUE || since === undefined) continue
    const newest = ledger.find((line) => line.rule === rule)
    // A late event may have moved the moment; then what the two together held on to tells that it is the same.
    const isSame = newest !== undefined && (since <= newest.since || before.rules[rule]?.since === newest.since)
    rules[rule] = { since: isSame ? newest.since : since }
    const retryAt = newest?.retryAt
    if (isSame && retryAt === undefined) continue
    if (isSame && retryAt !== undefined && retryAt > now && !sentTogether.has(rule)) {
      rules[rule] = { since: newest.since, retryAt }
    } else if (retryAt !== undefined || decidedTogether.has(rule) || before.rules[rule]?.since !== since) {
      settled.push(settledLine(id, standing, rules[rule].since, now))
    }
  }
  return { past: { ...bare, rules }, settled }
}

function settledLine(profile: string, { rule, evidence }: Reading['rules'][number], since: number, now: number): Decision {
  return { key: `${rule}:${profile}:${since}:unmerge:${now}`, profile, rule, since, at: now, outcome: 'suppressed', guard: 'unmerge', evidence }
}
