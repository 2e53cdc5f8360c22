import type { Decision } from './decision.ts'
import type { CanonicalEvent } from './event.ts'
import type { Interaction, Message, MessageState } from './message.ts'
import type { Unreadable } from './plugin/context.ts'
import type { Profile } from './profile.ts'

/** What the engine was given, as the log keeps it. */
export type Input =
  | { readonly kind: 'event'; readonly event: CanonicalEvent }
  /** Time passed and something was due. */
  | { readonly kind: 'tick'; readonly at: number }
  /** Another profile turned out to be the same person; its history now counts here. */
  | { readonly kind: 'merge'; readonly from: string }

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
  /** Event entries of the profile and of all merged into it, in event order (time, then message id). */
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
  /** Hands identities, messages and history of `from` to `into`, for good. */
  merge(from: string, into: string, now: number): Promise<void>
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
