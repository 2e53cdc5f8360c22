import type { Decision } from './decision.ts'
import type { CanonicalEvent } from './event.ts'
import type { JournalEntry, JournalFilter, NewJournalEntry } from './journal.ts'
import type { Interaction, Message, MessageState } from './message.ts'
import type { Unreadable } from './plugin/context.ts'
import type { Past, Profile } from './profile.ts'

/** What the engine was given, as the log keeps it. */
export type Input =
  | { readonly kind: 'event'; readonly event: CanonicalEvent }
  /** Time passed and something was due. */
  | { readonly kind: 'tick'; readonly at: number }
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

/** A profile as it stood after log entry `seq`, under the definition with this fingerprint. */
export interface Snapshot {
  readonly profile: Profile
  readonly seq: number
  readonly definition: string
}

/** A person's id in one of the two name spaces: `user:u1`, `anonymous:5f2e…`. */
export type IdentityKey = `user:${string}` | `anonymous:${string}`

export interface Quarantined extends Unreadable {
  readonly id: number
  readonly at: number
}

export interface DeadLetter {
  readonly id: number
  readonly at: number
  /** The sink that gave up on it. */
  readonly sink: string
  readonly reason: string
  readonly event: CanonicalEvent
}

export interface DecisionFilter {
  readonly profile?: string
  readonly rule?: string
  /** Decided at or before. */
  readonly until?: number
  /** Newest first, at most this many. Default 1000. */
  readonly limit?: number
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
 * `transaction` is the only way to write: when it resolves, everything in it is on disk; when it rejects, nothing is.
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
  /** Ids of all profiles with a snapshot or log entries, merged ones left out. */
  profileIds(): Promise<readonly string[]>
  snapshots(profiles: readonly string[]): Promise<ReadonlyMap<string, Snapshot>>
  /** The next wake of every snapshot that has one. */
  wakes(): Promise<readonly { readonly profile: string; readonly at: number }[]>

  decisions(filter: DecisionFilter): Promise<readonly Decision[]>
  /** Newest first. */
  quarantined(limit: number): Promise<readonly Quarantined[]>
  deadLetters(limit: number): Promise<readonly DeadLetter[]>
  message(key: string): Promise<Message | undefined>
  /** Sent, neither clicked nor dismissed; oldest first. */
  openMessages(profile: string, channel: string): Promise<readonly Message[]>
  messages(profile: string): Promise<readonly Message[]>
  /** The earliest moment at which a queued message of the channel may be claimed. */
  nextDue(channel: string): Promise<number | undefined>
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
  /** Appends in order as one commit (one call per transaction); the sequence numbers come back. */
  append(entries: readonly NewLogEntry[]): Promise<readonly number[]>
  /** Event entries up to `upTo` of the profile and of all merged into it by then, in event order (time, then message id). */
  history(profile: string, upTo?: number): Promise<readonly LogEntry[]>
  snapshots(profiles: readonly string[]): Promise<ReadonlyMap<string, Snapshot>>

  /** Writes ledger lines, and for a sent one its message into the outbox. A key that is there already is left as it is. */
  decide(decisions: readonly Decision[]): Promise<void>
  quarantine(items: readonly Unreadable[], now: number): Promise<void>
  /** A later answer never undoes an earlier one. Returns the message when it is the profile's and was changed. */
  answer(profile: string, key: string, interaction: Interaction, at: number): Promise<Message | undefined>

  /** Queued messages of the channel that are due and not leased, oldest first. */
  due(channel: string, now: number, limit: number): Promise<readonly Message[]>
  /** Nobody else gets them before `until`; counts an attempt. */
  lease(keys: readonly string[], until: number): Promise<void>
  /** `queued` gives a message back to the outbox for `notBefore`. */
  settle(key: string, result: { readonly state: MessageState; readonly at: number; readonly reason?: string; readonly notBefore?: number }): Promise<void>

  setCursor(name: string, value: string): Promise<void>
  deadLetter(letters: readonly Omit<DeadLetter, 'id'>[]): Promise<void>
  /** Profiles as they stand; `nextWake` is indexed for `wakes`. Snapshots of merged profiles are removed. */
  checkpoint(snapshots: readonly (Snapshot & { readonly nextWake?: number })[]): Promise<void>
}
