import type {
  CanonicalEvent,
  Conversation,
  DeadLetterFilter,
  Engine,
  Erasure,
  IngestOutcome,
  Logger,
  NewJournalEntry,
  WaymarkConfig,
  WaymarkError,
} from '@waymark/core'
import type { Census } from './census.ts'
import type { Effects } from './effects.ts'
import type { Health, Progress } from './health.ts'
import type { Committed } from './pipeline.ts'
import type { DeliveryStatus } from './runner.ts'
import type { SourceStatus } from './source-runner.ts'

export interface HostOptions {
  readonly effects?: Partial<Effects>
  /** Default: JSON lines on stderr. Whichever it is, secrets and mail addresses are kept out of what it is given. */
  readonly logger?: Logger
  /** False counts nothing, and there is no `/metrics`. Default true. */
  readonly metrics?: boolean
  /** Log entries after which the profiles are written to their snapshots: about what recovery has to read again at most. Default 20,000. */
  readonly checkpointEvery?: number
  /**
   * Called once, when the store can be written no more by this process (`STORE_TAKEN_OVER`, `STORE_SYNC_FAILED`): everything is answered 503 from then on.
   * End the process, so that whoever supervises it starts it anew.
   */
  readonly onLost?: (error: WaymarkError) => void
  /** Called after each commit, with what came of it. */
  readonly onCommit?: (committed: Committed) => void
  /** Told how far the start has come, which takes a while when there is much of the log to read. */
  readonly onProgress?: (progress: Progress) => void
}

/** A config at work. */
export interface Host {
  readonly config: WaymarkConfig
  readonly engine: Engine
  readonly conversation: Conversation
  /** The web-standard handler: give it to any server. */
  fetch(request: Request): Promise<Response>
  /** One outcome per event, in order; resolves when the accepted ones are on disk. */
  ingest(events: readonly CanonicalEvent[]): Promise<readonly IngestOutcome[]>
  /**
   * Takes an id out of a user again: it becomes a profile of its own with the history, the messages and the sends that were its own, and the
   * two do not merge again by themselves. Nothing is sent for it. Resolves to what the journal says, once it is on disk; rejects
   * with a `WaymarkError` when the id is none of the user's.
   */
  unmerge(user: string, id: string): Promise<NewJournalEntry>
  /** Makes an id one of a user's, also where the two were taken apart. */
  merge(user: string, id: string): Promise<NewJournalEntry>
  /**
   * Has a user forgotten by every plugin with an eraser: from when it resolves on, events of any of their ids are refused, no sink is given one, and
   * no message goes to them. A user nothing is known of is erased as that id alone; an anonymous id is written `anon:<id>`. The jobs come back, which
   * go on by themselves and become receipts. **What Waymark itself has of the user (profile, log, messages) is not erased by it.**
   */
  erase(user: string): Promise<readonly Erasure[]>
  /** Jobs and receipts, of a user by any of their ids or of everybody; newest first. */
  erasures(user?: string): Promise<readonly Erasure[]>
  /** How many profiles there are, and how many of them each member of each segment has. */
  census(): Promise<Census>
  /** How the deliveries of each plugin stand: whether its breaker lets anything through, and what waits. Channels first. */
  deliveries(): Promise<readonly DeliveryStatus[]>
  /** How each source stands that events are fetched from: how far it has come, and what it waits for. */
  sources(): readonly SourceStatus[]
  /**
   * Has dead letters tried again: a sink's at once, a channel's by way of the outbox, where consent and condition are asked again. With
   * nothing named, all of them. How many there were comes back; rejects with `NOT_FOUND` for a plugin that is not in the config.
   */
  retryDeadLetters(filter: DeadLetterFilter): Promise<number>
  /** Takes dead letters out for good. */
  discardDeadLetters(filter: DeadLetterFilter): Promise<number>
  /** Whether it takes events now, and why not. */
  health(): Health
  /** What `/metrics` shows, in the Prometheus text format; empty when the host counts nothing. */
  metrics(): Promise<string>
  /** Resolves when what has come in is committed, and what is due has gone out. Sources go on by themselves and are not waited for. */
  settled(): Promise<void>
  /**
   * Finishes what is under way, writes a checkpoint and lets go of everything. Never rejects, and waits at most `within` milliseconds
   * (default 30,000): what hangs is left to the next start.
   */
  close(options?: { readonly within?: number }): Promise<void>
}
