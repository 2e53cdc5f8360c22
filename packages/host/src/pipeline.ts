import {
  agrees,
  before,
  type CanonicalEvent,
  type ConsentState,
  type ConversationChange,
  consentIn,
  consentOnly,
  createBan,
  type Engine,
  INTERACTIONS,
  type IngestOutcome,
  type Interaction,
  type LogEntry,
  MAX_MERGED,
  type NewJournalEntry,
  type NewLogEntry,
  type NewQuarantined,
  type Profile,
  planFingerprint,
  type Transaction,
  type WaymarkConfig,
} from '@waymark/core'
import { type Applied, applyEntries } from './apply.ts'
import { holdToPlan } from './hold-to-plan.ts'
import { changeIdentity, type IdentityChange } from './identity-change.ts'
import type { Profiles } from './profiles.ts'
import { type IdentityCounts, NO_COUNTS, resolveIdentities } from './resolve-identities.ts'

export type Work =
  | { readonly kind: 'event'; readonly event: CanonicalEvent }
  | { readonly kind: 'tick'; readonly profile: string; readonly at: number; readonly now: number }
  /** What the rule decided to send then did not reach its user. */
  | { readonly kind: 'undelivered'; readonly profile: string; readonly rule: string; readonly decidedAt: number }
  /** A commit of its own. `tell` hears what the journal says of it, before it is on disk. */
  | { readonly kind: 'identity'; readonly change: IdentityChange; readonly tell: (entry: NewJournalEntry) => void }

export interface Committed extends Applied {
  /** One per work, in order; ticks have none. */
  readonly outcomes: readonly (IngestOutcome | undefined)[]
  readonly answers: readonly ConversationChange[]
  readonly identity: IdentityCounts
  /** Merges that were refused for the first time. */
  readonly refusals: readonly NewJournalEntry[]
  /** Ids that stand for nobody and were left out of events, each with the reason. */
  readonly leftOut: readonly string[]
}

/** Sorts after every message id, as a tick does after the events of its moment. */
const AFTER_EVENTS = '\uffff'
const ACCEPTED: IngestOutcome = { status: 'accepted' }
const DUPLICATE: IngestOutcome = { status: 'duplicate' }
const NO_CONSENT: IngestOutcome = { status: 'refused', reason: 'the user does not agree to analytics' }
const ANSWERS: ReadonlyMap<string, Interaction> = new Map(Object.entries(INTERACTIONS).map(([interaction, event]) => [event, interaction as Interaction]))

/**
 * The one way data goes: validate, claim, identity, consent, log, engine, decisions. Everything of one call is one
 * commit; the caller opens the transaction, and makes the result known only when it has been written.
 */
export async function runPipeline(
  config: WaymarkConfig,
  engine: Engine,
  profiles: Profiles,
  works: readonly Work[],
  tx: Transaction,
  now: number,
): Promise<Committed> {
  const [first] = works
  if (first?.kind === 'identity') return runChange(config, engine, profiles, first, tx, now)
  const outcomes: (IngestOutcome | undefined)[] = works.map(() => undefined)
  const misfits: NewQuarantined[] = []
  const leftOut: string[] = []
  const ban = createBan(config.identity?.banned)

  let candidates: { readonly index: number; readonly event: CanonicalEvent }[] = []
  works.forEach((work, index) => {
    if (work.kind !== 'event') return
    const valid = holdToPlan(config.plan, ban, work.event)
    if (valid.ok && valid.leftOut !== undefined) leftOut.push(...valid.leftOut)
    if (valid.ok) candidates.push({ index, event: valid.value })
    else {
      outcomes[index] = { status: 'quarantined', reason: valid.reason }
      misfits.push({ source: work.event.source, reason: valid.reason, version: planFingerprint(config.plan), event: work.event })
    }
  })

  const isNew = await tx.claim(
    candidates.map(({ event }) => event),
    now,
  )
  candidates = candidates.filter(({ index }, position) => {
    if (isNew[position]) return true
    outcomes[index] = DUPLICATE
    return false
  })

  // A group call may name no user: it is kept in the log for the sinks and concerns no profile.
  const owned = candidates.filter(({ event }) => event.userId !== undefined || event.anonymousId !== undefined)
  const resolution = await resolveIdentities(
    owned.map(({ event }) => event),
    tx,
    now,
    config.identity?.maxMerged ?? MAX_MERGED,
  )
  const resolved = resolution.owners
  const ownerOf = new Map(owned.map(({ index }, position) => [index, resolved[position]]))
  // A tick may have waited behind the commit that merged its profile into another.
  const ticks = works.filter((work) => work.kind === 'tick').filter(({ profile }) => !profiles.isMerged(profile))
  const undelivered = works.filter((work) => work.kind === 'undelivered').filter(({ profile }) => !profiles.isMerged(profile))
  const concerned = new Set([...[...ticks, ...undelivered].map(({ profile }) => profile), ...resolved.flatMap(({ profile, merged }) => [profile, ...merged])])
  const loaded = await profiles.load([...concerned], tx)

  const entries: NewLogEntry[] = []
  const consentSoFar = new Map([...loaded].map(([id, { profile }]) => [id, profile.consent]))
  for (const { index, event } of candidates) {
    const owner = ownerOf.get(index)
    if (owner === undefined) {
      entries.push({ profile: '', now: event.receivedAt, input: { kind: 'event', event } })
      outcomes[index] = ACCEPTED
      continue
    }
    for (const from of owner.merged) entries.push({ profile: owner.profile, now: event.receivedAt, input: { kind: 'merge', from } })
    const stated = consentIn(event, config.governance?.consent)
    // What the visitor said holds for the user they turn out to be.
    const known = Object.assign({}, ...owner.merged.map((from) => consentSoFar.get(from)), consentSoFar.get(owner.profile)) as ConsentState
    const consent = { ...known, ...stated }
    consentSoFar.set(owner.profile, consent)
    const mayKeep = agrees(consent, 'analytics', config.governance?.consent)
    outcomes[index] = mayKeep ? ACCEPTED : NO_CONSENT
    // Who denies leaves no trace but the denial itself, once, as proof.
    if (mayKeep || JSON.stringify(consent) !== JSON.stringify(known)) {
      entries.push({ profile: owner.profile, now: event.receivedAt, input: { kind: 'event', event: mayKeep ? event : consentOnly(event) } })
    }
  }
  for (const { profile, at, now: wokenAt } of ticks) {
    if (!isPast(engine, loaded.get(profile)?.profile, at)) entries.push({ profile, now: wokenAt, input: { kind: 'tick', at } })
  }
  for (const { profile, rule, decidedAt } of undelivered) {
    if (loaded.has(profile)) entries.push({ profile, now, input: { kind: 'undelivered', rule, decidedAt } })
  }

  const seqs = entries.length === 0 ? [] : await tx.append(entries)
  const logged = entries.map((entry, index): LogEntry => ({ ...entry, seq: seqs[index] as number, commit: seqs[0] as number }))
  const applied = await applyEntries(
    engine,
    logged.filter(({ profile }) => profile !== ''),
    loaded,
    tx,
  )
  if (misfits.length > 0) await tx.quarantine(misfits, now)
  if (applied.decisions.length > 0) await tx.decide(applied.decisions)
  // An answer settles its message whatever the consent: not to be asked again serves the user.
  const answers = await settleAnswers(
    candidates.map(({ index, event }) => ({ profile: ownerOf.get(index)?.profile, event })),
    tx,
  )
  return { ...applied, outcomes, answers: [...mergesIn(logged), ...answers], identity: resolution.counts, refusals: resolution.refusals, leftOut }
}

/** Nothing is left to do at that moment: its tick was written before, by a commit that seemed to have failed. */
function isPast(engine: Engine, profile: Profile | undefined, at: number): boolean {
  if (profile === undefined || (engine.nextWake(profile) ?? Number.POSITIVE_INFINITY) <= at) return false
  return !before(engine.asOf(profile), { at, tie: AFTER_EVENTS })
}

/** What conversations hear of these entries, answers left out. */
export function mergesIn(entries: readonly LogEntry[]): readonly ConversationChange[] {
  return entries.flatMap(({ profile, input }): readonly ConversationChange[] => {
    return input.kind === 'merge' || input.kind === 'unmerge' ? [{ kind: input.kind === 'merge' ? 'merged' : 'unmerged', from: input.from, into: profile }] : []
  })
}

async function runChange(
  config: WaymarkConfig,
  engine: Engine,
  profiles: Profiles,
  { change, tell }: Work & { readonly kind: 'identity' },
  tx: Transaction,
  now: number,
): Promise<Committed> {
  const { applied, entry } = await changeIdentity(change, { engine, profiles, tx, now, maxMerged: config.identity?.maxMerged ?? MAX_MERGED })
  tell(entry)
  const { from, into } = entry
  const kind = change.kind === 'merge' ? 'merged' : 'unmerged'
  return { ...applied, outcomes: [undefined], answers: [{ kind, from, into }], identity: NO_COUNTS, refusals: [], leftOut: [] }
}

async function settleAnswers(
  events: readonly { readonly profile: string | undefined; readonly event: CanonicalEvent }[],
  tx: Transaction,
): Promise<readonly ConversationChange[]> {
  const changes: ConversationChange[] = []
  for (const { profile, event } of events) {
    const interaction = event.event === undefined ? undefined : ANSWERS.get(event.event)
    const key = event.properties['message']
    if (profile === undefined || interaction === undefined || typeof key !== 'string') continue
    const message = await tx.answer(profile, key, interaction, event.timestamp)
    if (message !== undefined) changes.push({ kind: 'answered', profile: message.profile, key, interaction })
  }
  return changes
}
