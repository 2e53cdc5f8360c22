import type { JsonObject } from './json.ts'

/** What a rule sends: made by a channel's own builder (`inApp.tooltip(…)`, `email.template(…)`), plain JSON for the channel to read. */
export interface MessageDefinition {
  readonly channel: string
  /** The channel's own word for the form: `tooltip`, `modal`, `template`. */
  readonly kind: string
  readonly content: JsonObject
}

/** How people answer a message. Each comes in as a track event and settles the message on every device. */
export const INTERACTIONS = { seen: 'waymark_message_seen', clicked: 'waymark_message_clicked', dismissed: 'waymark_message_dismissed' } as const
export type Interaction = keyof typeof INTERACTIONS

export type MessageState = 'queued' | 'sent' | 'cancelled' | 'rejected' | 'unknown' | 'dead'

/** A message decided on, from the outbox to the answer; the inbox is a view of these. Times are epoch milliseconds. */
export interface Message extends MessageDefinition {
  /** Deterministic: the same decision made again has the same key. */
  readonly key: string
  readonly profile: string
  readonly rule: string
  readonly decidedAt: number
  /** The `messageId` of the event that brought the decision about; absent when time alone did. */
  readonly cause?: string
  readonly state: MessageState
  /** Why it was cancelled, rejected, retried last or given up. */
  readonly reason?: string
  readonly attempts: number
  /** Not to be claimed before. */
  readonly notBefore: number
  /** Since when it may have arrived: the first attempt of which nobody knows how it ended. Absent when all of them are accounted for. */
  readonly unclearSince?: number
  readonly sentAt?: number
  readonly seenAt?: number
  readonly clickedAt?: number
  readonly dismissedAt?: number
}
