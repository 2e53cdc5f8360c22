import type { Clock } from '../clock.ts'
import type { CanonicalEvent } from '../event.ts'
import type { Interaction, Message } from '../message.ts'
import type { IngestOutcome } from './outcome.ts'

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** Everything a plugin may touch outside itself. The host makes one for each plugin. */
export interface PluginContext {
  readonly log: Logger
  readonly clock: Clock
  /**
   * Aborted when the work is no longer wanted: when the host closes, and in `send` and `deliver` also when their time is up. What they
   * answer within 5 seconds of that still counts.
   */
  readonly signal: AbortSignal
  /** Resolves once the accepted events are on disk; one outcome per event, in order. Rejects with code `BUSY` when the host cannot take more. */
  ingest(events: readonly CanonicalEvent[]): Promise<readonly IngestOutcome[]>
  /** Keeps what could not even be read as an event, for `waymark quarantine` to show. */
  quarantine(items: readonly Unreadable[]): Promise<void>
  readonly conversation: Conversation
  /**
   * Has somebody forgotten, as `host.erase` does: by the user id, or by the anonymous id where there is none. Resolves once nothing of theirs is taken in
   * or given out any more; asking again does no harm. Rejects with `IDENTITY_MISSING` when there is neither.
   */
  erase(identity: Identity): Promise<void>
  /** A random id, unique for ever. */
  id(): string
}

export interface Unreadable {
  readonly source: string
  readonly reason: string
  readonly raw: unknown
}

/** Who is speaking, as an SDK knows it. */
export interface Identity {
  readonly userId?: string
  readonly anonymousId?: string
}

/** The one conversation with each user, over all channels and devices. */
export interface Conversation {
  /**
   * The profile an identity belongs to now; `undefined` before its first event. A user who is not known yet is the visitor
   * with this anonymous id, unless that device is another user's.
   */
  profileOf(identity: Identity): Promise<string | undefined>
  /** Messages of this channel that were sent and neither dismissed nor clicked, oldest first. */
  open(profile: string, channel: string): Promise<readonly Message[]>
  /** Records an answer as an event of the user; false when the user has no such message. */
  answer(identity: Identity, key: string, interaction: Interaction): Promise<boolean>
  /** Called after each commit that changed what a profile's devices should show. */
  watch(listener: (change: ConversationChange) => void): () => void
}

export type ConversationChange =
  /** A channel took the message: it is open from now on. */
  | { readonly kind: 'sent'; readonly message: Message }
  | { readonly kind: 'answered'; readonly profile: string; readonly key: string; readonly interaction: Interaction }
  /** All of `from` now belongs to `into`. */
  | { readonly kind: 'merged'; readonly from: string; readonly into: string }
  /** `from` is a profile of its own again: identities and messages of `into` may be its now. */
  | { readonly kind: 'unmerged'; readonly from: string; readonly into: string }
