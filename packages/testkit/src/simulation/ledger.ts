import type { CanonicalEvent, IngestOutcome, Interaction } from '@waymark/core'

/** Identifies an event: what a host tells duplicates by. */
export function keyOf(event: Pick<CanonicalEvent, 'source' | 'messageId'>): string {
  return `${event.source}/${event.messageId}`
}

/** An event as the client that sent it knows it. Times here are true ones. */
export interface SentEvent {
  readonly event: Omit<CanonicalEvent, 'receivedAt'>
  /** It has never left the device before. */
  readonly firstSentAt: number
  readonly answers: { readonly outcome: IngestOutcome; readonly at: number }[]
}

/** One try to bring a message, as the receiver knows it. */
export interface Attempt {
  readonly channel: string
  readonly key: string
  readonly rule: string
  readonly profile: string
  readonly process: number
  readonly startedAt: number
  /** When the user had the message from it. */
  tookAt?: number
  /** A receiver that honours keys had it from an earlier one. */
  wasKnown?: boolean
  /** What it answered, if it did and the process was still there to hear it. */
  outcome?: string
  answeredAt?: number
}

/** Events offered to a sink in one call, as its receiver knows it. */
export interface Offer {
  readonly sink: string
  readonly process: number
  readonly startedAt: number
  readonly events: readonly CanonicalEvent[]
  /** Indexes of the events it has from it. */
  readonly taken: Set<number>
  /** What it answered for each, if it did and the process was still there to hear it. */
  outcomes?: readonly string[]
}

/** What a source is there to fetch. */
export interface ExportedEvent {
  readonly event: CanonicalEvent
  /** Its source was asked for what comes after it, so the host has said that it has it. */
  isPassed: boolean
}

/** A user's answer to a message. */
export interface Reply {
  readonly key: string
  readonly interaction: Interaction
  /** The host said that it has it. */
  readonly confirmedAt: number
}

export interface ProcessLife {
  readonly number: number
  readonly deploy: number
  /** By the machine's clock. */
  readonly startedAt: number
  readonly trulyStartedAt: number
}

/** What clients, receivers and the machine saw. The host has no part in writing it. */
export interface Ledger {
  readonly events: Map<string, SentEvent>
  readonly attempts: Attempt[]
  readonly offers: Offer[]
  readonly exported: ExportedEvent[]
  readonly replies: Reply[]
  readonly processes: ProcessLife[]
  /** When the store or the process failed in a way that may have cost the host something it knew. */
  readonly troubles: number[]
  /** When the disk had the final state of a message, by its key. */
  readonly settledAt: Map<string, number>
  /** Errors that nobody caught. */
  readonly uncaught: string[]
}

export function createLedger(): Ledger {
  return { events: new Map(), attempts: [], offers: [], exported: [], replies: [], processes: [], troubles: [], settledAt: new Map(), uncaught: [] }
}
