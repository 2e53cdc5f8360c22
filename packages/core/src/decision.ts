import type { Evidence } from './evidence.ts'
import type { MessageDefinition } from './message.ts'

/**
 * Why a rule that qualified did not send. `unmerge`: it came about, or its time came, while the profile was part of another. `stale`: time alone
 * brought it about, at a moment that lay too far back when it was decided on (`timers.staleAfter`).
 */
export type Guard = 'consent' | 'limit' | 'frequency-cap' | 'quiet-hours' | 'unmerge' | 'stale'

/** One line of the ledger: a rule became true for a profile, and what was made of it. */
export interface Decision {
  /** Deterministic in profile, rule and the moment the rule became true, so replay never doubles it. */
  readonly key: string
  readonly profile: string
  readonly rule: string
  /** The moment, in event time, at which the rule's condition became true. */
  readonly since: number
  /** When it was decided, in epoch milliseconds. */
  readonly at: number
  readonly outcome: 'sent' | 'suppressed'
  readonly guard?: Guard
  /** Of a suppressed one: when it is tried again if the condition still holds. */
  readonly retryAt?: number
  /** The `messageId` of the event that brought it about; absent when time alone did. */
  readonly cause?: string
  /** How the rule's condition stood. */
  readonly evidence: Evidence
  /** Of a sent one. */
  readonly message?: MessageDefinition
}

/** A profile moved between the members of a segment. */
export interface MembershipChange {
  readonly profile: string
  readonly segment: string
  readonly from: string | undefined
  readonly to: string | undefined
  /** Event time. */
  readonly at: number
}
