import type { CanonicalEvent } from './event.ts'
import type { Message } from './message.ts'

interface GivenUp {
  /** When it was given up or set aside, in epoch milliseconds. */
  readonly at: number
  /** The plugin that could not bring it to its receiver. */
  readonly plugin: string
  readonly reason: string
  /** How often it was tried; a sink's tries while it took nothing else count in part. */
  readonly attempts: number
  /** The engine's fingerprint of the segments and rules in force at the time; empty for what is from before it was kept. */
  readonly version: string
  /** When the host tries it again by itself. Absent: given up, and tried again only when a person asks. A channel's has none. */
  readonly retryAt?: number
}

/** What is written: of a message its key, for the store has the message itself. */
export type NewDeadLetter = GivenUp & ({ readonly stage: 'sink'; readonly event: CanonicalEvent } | { readonly stage: 'channel'; readonly key: string })

/**
 * An event that a sink, or a message that a channel, could not bring to its receiver. A message stands here when it is `rejected`,
 * `dead` or `unknown`; as it is by now, answers included.
 */
export type DeadLetter = GivenUp & { readonly id: number } & (
    | { readonly stage: 'sink'; readonly event: CanonicalEvent }
    | { readonly stage: 'channel'; readonly message: Message }
  )

/** Which dead letters are meant; with nothing named, all of them. */
export interface DeadLetterFilter {
  readonly ids?: readonly number[]
  readonly plugin?: string
}

export interface DeadLetterTotal {
  readonly plugin: string
  readonly stage: DeadLetter['stage']
  readonly count: number
  /** How many of them the host tries again by itself. */
  readonly waiting: number
}

/** Part of a list that is newest first. */
export interface Page {
  /** At most so many. */
  readonly limit: number
  /** Only what is older than the one with this id. */
  readonly before?: number
}
