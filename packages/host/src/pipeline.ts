import {
  before,
  type CanonicalEvent,
  type ConversationChange,
  consentOnly,
  type Engine,
  type IdentityKey,
  INTERACTIONS,
  type IngestOutcome,
  type Interaction,
  type LogEntry,
  MAX_MERGED,
  type NewJournalEntry,
  type NewLogEntry,
  type Profile,
  type Transaction,
  type WaymarkConfig,
} from '@waymark/core'
import { admit, type Incoming } from './admit.ts'
import { type Applied, applyEntries } from './apply.ts'
import { createConsents } from './consents.ts'
import { keyOfProfile } from './identity.ts'
import { changeIdentity, type IdentityChange } from './identity-change.ts'
import { type Joined, soFar } from './joined.ts'
import { tellLearned } from './learned.ts'
import type { Profiles } from './profiles.ts'
import { type IdentityCounts, NO_COUNTS, resolveIdentities } from './resolve-identities.ts'
import { type Erased, NOBODY } from './tombstones.ts'

export type Work =
  | { readonly kind: 'event'; readonly event: CanonicalEvent }
  | { readonly kind: 'tick'; readonly profile: string; readonly at: number; readonly now: number }
  /** How far a source has come, with the last events of its page. */
  | { readonly kind: 'cursor'; readonly name: string; readonly value: string }
  /** What the rule decided to send then did not reach its user. */
  | { readonly kind: 'undelivered'; readonly profile: string; readonly rule: string; readonly decidedAt: number }
  /** A commit of its own. `tell` hears what the journal says of it, before it is on disk. */
  | { readonly kind: 'identity'; readonly change: IdentityChange; readonly tell: (entry: NewJournalEntry) => void }
  /** Somebody else's, which shares the commit and is done after the rest of it. */
  | { readonly kind: 'joined'; readonly write: Joined }

export interface Committed extends Applied {
  /** One per work, in order; ticks have none. */
  readonly outcomes: readonly (IngestOutcome | undefined)[]
  readonly answers: readonly ConversationChange[]
  readonly identity: IdentityCounts
  /** Whose ids are, of those that came in; absent where what was known of others may have changed. */
  readonly owners?: ReadonlyMap<IdentityKey, string>
  /** Merges that were refused for the first time. */
  readonly refusals: readonly NewJournalEntry[]
  /** To be done by whoever makes the result known. */
  readonly joined: readonly (() => void)[]
  /** Ids that stand for nobody and were left out of events, each with the reason. */
  readonly leftOut: readonly string[]
}

/** Sorts after every message id, as a tick does after the events of its moment. */
const AFTER_EVENTS = '\uffff'
const ACCEPTED: IngestOutcome = { status: 'accepted' }
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
  erased: Erased = NOBODY,
): Promise<Committed> {
  const [first] = works
  const own = await (first?.kind === 'identity'
    ? runChange(config, engine, profiles, first, works, tx, now)
    : runWorks(config, engine, profiles, works, tx, now, erased))
  const { changes, decisions, upTo: seq } = own
  const merged = own.answers.filter((change) => change.kind === 'merged')
  await tellLearned(config, { changes, decisions, merged, profileOf: (id) => own.profiles.get(id)?.profile, seq, now }, tx)
  const joined: (() => void)[] = []
  const so = soFar(own, profiles, tx)
  for (const work of works) if (work.kind === 'joined') joined.push(await work.write(tx, so))
  return { ...own, joined }
}

/** Without what joined. */
type Own = Omit<Committed, 'joined'>

async function runWorks(
  config: WaymarkConfig,
  engine: Engine,
  profiles: Profiles,
  works: readonly Work[],
  tx: Transaction,
  now: number,
  erased: Erased,
): Promise<Own> {
  const { incoming, outcomes, misfits, leftOut } = await admit(config, works, tx, now, erased)

  // A group call may name no user: it is kept in the log for the sinks and concerns no profile.
  const owned = incoming.filter(({ event }) => event.userId !== undefined || event.anonymousId !== undefined)
  const events = owned.map(({ event }) => event)
  const { resolved, owners, counts, refusals } = await resolveIdentities(events, profiles, tx, now, config.identity?.maxMerged ?? MAX_MERGED)
  owned.forEach((one, index) => {
    one.owner = resolved[index]
  })
  // A tick may have waited behind the commit that merged its profile into another.
  const ticks = works.filter((work) => work.kind === 'tick').filter(({ profile }) => !profiles.isMerged(profile) && !erased.has(keyOfProfile(profile)))
  const undelivered = works.filter((work) => work.kind === 'undelivered').filter(({ profile }) => !profiles.isMerged(profile))
  const concerned = new Set<string>()
  for (const { profile } of [...ticks, ...undelivered]) concerned.add(profile)
  for (const { profile, merged } of resolved) {
    concerned.add(profile)
    for (const from of merged) concerned.add(from)
  }
  const loaded = await profiles.load([...concerned], tx)

  const entries: NewLogEntry[] = []
  const consents = createConsents(loaded, config.governance?.consent)
  for (const { index, event, owner } of incoming) {
    const { receivedAt } = event
    if (owner === undefined) {
      entries.push({ profile: '', now: receivedAt, input: { kind: 'event', event } })
      outcomes[index] = ACCEPTED
      continue
    }
    for (const from of owner.merged) entries.push({ profile: owner.profile, now: receivedAt, input: { kind: 'merge', from } })
    const { mayKeep, isNews } = consents.hear(event, owner)
    outcomes[index] = mayKeep ? ACCEPTED : NO_CONSENT
    // Who denies leaves no trace but the denial itself, once, as proof.
    if (mayKeep || isNews) entries.push({ profile: owner.profile, now: receivedAt, input: { kind: 'event', event: mayKeep ? event : consentOnly(event) } })
  }
  for (const { profile, at, now: wokenAt } of ticks) {
    if (!isPast(engine, loaded.get(profile)?.profile, at)) entries.push({ profile, now: wokenAt, input: { kind: 'tick', at } })
  }
  for (const { profile, rule, decidedAt } of undelivered) {
    if (loaded.has(profile)) entries.push({ profile, now, input: { kind: 'undelivered', rule, decidedAt } })
  }

  const seqs = entries.length === 0 ? [] : await tx.append(entries)
  const commit = seqs[0] as number
  const logged = entries.map(({ profile, now: at, input }, index): LogEntry => ({ profile, now: at, input, seq: seqs[index] as number, commit }))
  const applied = await applyEntries(
    engine,
    logged.filter(({ profile }) => profile !== ''),
    loaded,
    tx,
  )
  if (misfits.length > 0) await tx.quarantine(misfits, now)
  for (const work of works) if (work.kind === 'cursor') await tx.setCursor(work.name, work.value)
  if (applied.decisions.length > 0) await tx.decide(applied.decisions)
  // An answer settles its message whatever the consent: not to be asked again serves the user.
  const answers = await settleAnswers(incoming, tx)
  return { ...applied, outcomes, answers: [...mergesIn(logged), ...answers], identity: counts, refusals, owners, leftOut }
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
  works: readonly Work[],
  tx: Transaction,
  now: number,
): Promise<Own> {
  const { applied, entry } = await changeIdentity(change, { engine, profiles, tx, now, maxMerged: config.identity?.maxMerged ?? MAX_MERGED })
  tell(entry)
  const { from, into } = entry
  const kind = change.kind === 'merge' ? 'merged' : 'unmerged'
  return { ...applied, outcomes: works.map(() => undefined), answers: [{ kind, from, into }], identity: NO_COUNTS, refusals: [], leftOut: [] }
}

async function settleAnswers(incoming: readonly Incoming[], tx: Transaction): Promise<readonly ConversationChange[]> {
  const changes: ConversationChange[] = []
  for (const { owner, event } of incoming) {
    const interaction = event.event === undefined ? undefined : ANSWERS.get(event.event)
    if (owner === undefined || interaction === undefined) continue
    const key = event.properties['message']
    if (typeof key !== 'string') continue
    const message = await tx.answer(owner.profile, key, interaction, event.timestamp)
    if (message !== undefined) changes.push({ kind: 'answered', profile: message.profile, key, interaction })
  }
  return changes
}
