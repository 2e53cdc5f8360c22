import type { DeadLetter, DeadLetterFilter, DeadLetterTotal, NewDeadLetter, Page } from './dead-letter.ts'
import type { Decision } from './decision.ts'
import type { Erasure, ErasureFilter, ErasureRequest, ErasureTotal, NewTold, Told, Tombstone } from './erasure.ts'
import type { CanonicalEvent } from './event.ts'
import type { JournalEntry, JournalFilter, NewJournalEntry } from './journal.ts'
import type { Interaction, Message, MessageState } from './message.ts'
import type { Past, Profile } from './profile.ts'
import type { NewQuarantined, Quarantined, QuarantineFilter, QuarantineTotal } from './quarantine.ts'
import type { StoreReport, StoreSize } from './store-report.ts'

/** What the engine was given, as the log keeps it. */
export type Input =
  | { readonly kind: 'event'; readonly event: CanonicalEvent }
  /** Time passed and something was due. */
  | { readonly kind: 'tick'; readonly at: number }
  /** What the rule decided to send then did not reach its user, and never will by itself: caps and limits count it no longer. */
  | { readonly kind: 'undelivered'; readonly rule: string; readonly decidedAt: number }
  /** Something Waymark found out, for the sinks that ask for it. Of no profile, and no part of anybody's history. */
  | { readonly kind: 'learned'; readonly event: CanonicalEvent }
  /** Another profile turned out to be the same person; its history now counts here. */
  | { readonly kind: 'merge'; readonly from: string }
  /**
   * A person found that `from` is somebody else: its history is its own again. A commit of its own. `past` is what had been
   * decided for each of the two by then, told apart, so that the log alone says how both go on.
   */
  | {
      readonly kind: 'unmerge'
      readonly from: string
      readonly keys: readonly IdentityKey[]
      readonly past: { readonly from: Past; readonly into: Past }
    }

export interface NewLogEntry {
  readonly profile: string
  /** The host's clock when it was decided on: replaying the log gives the same decisions. */
  readonly now: number
  readonly input: Input
}

export interface LogEntry extends NewLogEntry {
  /** Grows by commit; without gaps it need not be. */
  readonly seq: number
  /** The first `seq` of the commit it came in: recovery applies what was committed together, together. */
  readonly commit: number
}

/** An entry among those of the name it came under. */
export interface LogPlace {
  readonly profile: string
  readonly seq: number
}

/** Log entries that nobody needs any more: these, or all of these kinds after one entry and up to another. */
export type Dropped = { readonly seqs: readonly number[] } | { readonly kinds: readonly Input['kind'][]; readonly after: number; readonly upTo: number }

/** A profile as it stood after log entry `seq`, under the definition with this fingerprint. */
export interface Snapshot {
  readonly profile: Profile
  readonly seq: number
  readonly definition: string
}

/** A person's id in one of the two name spaces: `user:u1`, `anonymous:5f2e…`. */
export type IdentityKey = `user:${string}` | `anonymous:${string}`

export interface DecisionFilter {
  readonly profile?: string
  readonly rule?: string
  /** Decided at or before. */
  readonly until?: number
  /** Newest first, at most this many. Default 1000. */
  readonly limit?: number
}

/** What became of an attempt to send a message, at `at`. */
export interface Settlement {
  readonly state: MessageState
  readonly at: number
  readonly reason?: string
  readonly notBefore?: number
  readonly unclearSince?: number
}

/** How a profile is taken out of the one it is part of. */
export interface Parting {
  readonly from: string
  readonly into: string
  /** The ids that are `from`'s from now on. */
  readonly keys: readonly IdentityKey[]
  /** Profiles that were merged into `into` and are part of `from` instead from now on. Others are passed over. */
  readonly along: readonly string[]
  /** Log entries of `into` that came under those ids, by `seq`. What `from` had before it was merged is its own again anyway. */
  readonly entries: readonly number[]
  /** An id of each: the profiles these two belong to are not merged again (see `areApart`). */
  readonly apart: readonly [IdentityKey, IdentityKey]
}

/**
 * What the host needs of storage. The log is the truth; profiles are checkpoints of it.
 * `transaction` is the only way to write: when it resolves, everything in it is on disk; when it rejects, nothing is. But for
 * `STORE_COMMIT_UNKNOWN`, of a store that is reached over a network: then it may be, and what is read afterwards tells.
 * Transactions run one at a time; reads outside one see committed data only.
 */
export interface Store {
  readonly name: string
  /**
   * Creates or migrates what is missing. One process writes: a second one is refused with `STORE_IN_USE`. With `readOnly` nothing is
   * created or changed, also beside a process that writes; a store that is not there is `STORE_MISSING`.
   */
  open(options?: { readonly readOnly?: boolean }): Promise<void>
  close(): Promise<void>
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>

  /** Log entries after `seq`, oldest first. */
  log(after: number, limit: number): Promise<readonly LogEntry[]>
  lastSeq(): Promise<number>
  cursor(name: string): Promise<string | undefined>

  /** The profile an id stands for now, merges followed. */
  profilesOf(keys: readonly IdentityKey[]): Promise<ReadonlyMap<IdentityKey, string>>
  /** All ids of the profile, in the order of their text. */
  keysOf(profile: string): Promise<readonly IdentityKey[]>
  /** Merges and unmerges, and those that were refused. */
  journal(filter: JournalFilter): Promise<readonly JournalEntry[]>
  /** Event entries of the profile and of all merged into it, in event order (time, then message id), each with the profile it counts for. */
  history(profile: string): Promise<readonly LogEntry[]>
  /**
   * Event entries up to `upTo` after a place, in the order of the names they came under, as the store orders text, and then of `seq`. What was merged
   * stands under its own name, events of nobody under the empty one, first; `{ profile: '', seq: 0 }` is before all.
   */
  eventsByName(after: LogPlace, upTo: number, limit: number): Promise<readonly LogEntry[]>
  /** Ids of all profiles with a snapshot or log entries, merged ones left out. */
  profileIds(): Promise<readonly string[]>
  snapshots(profiles: readonly string[]): Promise<ReadonlyMap<string, Snapshot>>
  /** The next wake of every snapshot that has one. */
  wakes(): Promise<readonly { readonly profile: string; readonly at: number }[]>

  decisions(filter: DecisionFilter): Promise<readonly Decision[]>
  /** Newest first. */
  quarantined(page: QuarantineFilter & Page): Promise<readonly Quarantined[]>
  /** By source, in the order of its text. */
  quarantineTotals(): Promise<readonly QuarantineTotal[]>
  /** Newest first. */
  deadLetters(page: DeadLetterFilter & Page): Promise<readonly DeadLetter[]>
  /** By plugin and stage, in the order of their text. */
  deadLetterTotals(): Promise<readonly DeadLetterTotal[]>
  /** When the first of what a sink has set aside is to be tried again. */
  nextRetry(plugin: string): Promise<number | undefined>
  message(key: string): Promise<Message | undefined>
  /** Sent, neither clicked nor dismissed; oldest first. */
  openMessages(profile: string, channel: string): Promise<readonly Message[]>
  messages(profile: string): Promise<readonly Message[]>
  /** The earliest moment at which a queued message of the channel may be claimed. */
  nextDue(channel: string): Promise<number | undefined>
  /** How many messages of the channel are queued. */
  backlog(channel: string): Promise<number>
  /** All of them. */
  tombstones(): Promise<readonly Tombstone[]>
  erasures(filter: ErasureFilter): Promise<readonly Erasure[]>
  /** Those of the plugin that something is still done about by itself, the first due first. */
  openErasures(plugin: string, limit: number): Promise<readonly Erasure[]>
  /** By plugin and state, in the order of their text. */
  erasureTotals(now: number): Promise<readonly ErasureTotal[]>
  /** How much room it takes, found out at next to no cost. */
  size?(): Promise<StoreSize>
  /** How the store itself stands, for `waymark doctor`. Reads only, also beside a host; takes as long as reading all of it. */
  inspect?(): Promise<StoreReport>
}

/** Reads and writes of one commit. Reads see the transaction's own writes. */
export interface Transaction {
  /** Which of these (source, messageId) pairs are new; they are remembered for at least 7 days from `now`. One answer per event, in order. */
  claim(events: readonly CanonicalEvent[], now: number): Promise<readonly boolean[]>
  /** The profile each identity belongs to, merges followed; absent when unknown. */
  profilesOf(keys: readonly IdentityKey[]): Promise<ReadonlyMap<IdentityKey, string>>
  /** Makes the identities belong to the profile, taking them from another where need be. */
  link(keys: readonly IdentityKey[], profile: string): Promise<void>
  keysOf(profile: string): Promise<readonly IdentityKey[]>
  /** Hands identities, messages and history of `from` to `into`. The ids that moved come back. */
  merge(from: string, into: string, now: number): Promise<readonly IdentityKey[]>
  /**
   * Makes `from` a profile of its own again: the ids, its former history and the entries named, and the messages that were decided
   * for it. What was decided for `into` since the two were merged comes back, newest first, and stays `into`'s.
   */
  unmerge(parting: Parting): Promise<readonly Decision[]>
  /** Whether the two profiles, or any that are part of them, were taken apart and not allowed to merge since. */
  areApart(one: string, other: string): Promise<boolean>
  /** Lets the two profiles merge again. */
  allowMerge(one: string, other: string): Promise<void>
  /** Writes into the journal; one answer an entry: false for a `refused` or `shared` one that is there already. */
  record(entries: readonly NewJournalEntry[]): Promise<readonly boolean[]>
  journal(filter: JournalFilter): Promise<readonly JournalEntry[]>
  decisions(filter: DecisionFilter): Promise<readonly Decision[]>
  /** Appends in order; all calls of a transaction are one commit. The sequence numbers come back. */
  append(entries: readonly NewLogEntry[]): Promise<readonly number[]>
  /** Takes entries out of the log for good; `lastSeq` stays, and no number is given again. How many there were comes back. */
  drop(which: Dropped): Promise<number>
  /** Event entries up to `upTo` of the profile and of all merged into it by then, in event order (time, then message id). */
  history(profile: string, upTo?: number): Promise<readonly LogEntry[]>
  snapshots(profiles: readonly string[]): Promise<ReadonlyMap<string, Snapshot>>

  /** Writes ledger lines, and for a sent one its message into the outbox. A key that is there already is left as it is. */
  decide(decisions: readonly Decision[]): Promise<void>
  quarantine(items: readonly NewQuarantined[], now: number): Promise<void>
  /** What was held to a plan again and still does not fit. Ids that are not there are passed over. */
  requarantine(items: readonly { readonly id: number; readonly reason: string; readonly version: string }[]): Promise<void>
  /** Takes them out. How many there were comes back. */
  removeQuarantined(filter: QuarantineFilter): Promise<number>
  /** A later answer never undoes an earlier one. Returns the message when it is the profile's and was changed. */
  answer(profile: string, key: string, interaction: Interaction, at: number): Promise<Message | undefined>

  /** Queued messages of the channel that are due and not leased, oldest first. */
  due(channel: string, now: number, limit: number): Promise<readonly Message[]>
  /** Nobody else gets them before `until`; counts an attempt. From `now` on a message may have arrived, unless it is so since earlier. */
  lease(keys: readonly string[], until: number, now: number): Promise<void>
  /** Ends what leases there are of the channel's messages: whoever had them is gone. */
  endLeases(channel: string): Promise<void>
  /** `queued` gives a message back to the outbox for `notBefore`; it may have arrived then only if `unclearSince` says so. */
  settle(key: string, result: Settlement): Promise<void>

  /** What sinks were told of these profiles last; of those they were told nothing of, nothing. */
  told(profiles: readonly string[]): Promise<ReadonlyMap<string, Told>>
  tell(items: readonly NewTold[]): Promise<void>
  /**
   * Writes the tombstones, and a job for each plugin. A job of the person's that is there already stays as it is, unless it failed: then the plugin is
   * asked anew.
   */
  requestErasure(request: ErasureRequest): Promise<void>
  /** The job with this id stands so from now on. */
  settleErasure(erasure: Erasure): Promise<void>

  setCursor(name: string, value: string): Promise<void>
  /** One of a plugin's there may be for each event (source and message id) or message: a second takes the place of the first. */
  deadLetter(letters: readonly NewDeadLetter[]): Promise<void>
  /** What the sink has set aside and is to be tried again by now, the longest due first. */
  dueDeadLetters(plugin: string, now: number, limit: number): Promise<readonly DeadLetter[]>
  /**
   * Has them tried again as if they had never been: a sink's at `now`; a channel's goes back into the outbox and is no dead letter any
   * more. How many there were comes back.
   */
  retryDeadLetters(filter: DeadLetterFilter, now: number): Promise<number>
  /** Takes them out; a message stays as it was settled. How many there were comes back. */
  removeDeadLetters(filter: DeadLetterFilter): Promise<number>
  /** Takes out what is from before `before`, and the oldest beyond `most`; at most `limit` of each. How many there were comes back. */
  expire(kind: 'dead letters' | 'quarantine', bound: { readonly before: number; readonly most: number; readonly limit: number }): Promise<number>
  /** Profiles as they stand; `nextWake` is indexed for `wakes`. Snapshots of merged profiles are removed. */
  checkpoint(snapshots: readonly (Snapshot & { readonly nextWake?: number })[]): Promise<void>
}
