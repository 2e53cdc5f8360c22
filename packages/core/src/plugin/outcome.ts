/** What came of one event given to a sink. */
export type DeliveryOutcome =
  | { readonly status: 'delivered' }
  /** Try again, after `afterMs` when the receiver said so, else with the host's backoff. */
  | { readonly status: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Never to be accepted: it goes to the dead letters with this reason. */
  | { readonly status: 'rejected'; readonly reason: string }

/** What came of one message given to a channel. */
export type SendOutcome =
  | { readonly status: 'sent'; readonly reference?: string }
  | { readonly status: 'retry'; readonly reason: string; readonly afterMs?: number }
  | { readonly status: 'rejected'; readonly reason: string }
  /** The line broke after the message had left: it may have arrived. */
  | { readonly status: 'unknown'; readonly reason: string }

/** What came of one event given to the host. */
export type IngestOutcome =
  /** On disk. */
  | { readonly status: 'accepted' }
  | { readonly status: 'duplicate' }
  /** Does not fit the plan: kept with its reason, see `waymark quarantine`. */
  | { readonly status: 'quarantined'; readonly reason: string }
  /** Dropped on purpose and not stored: no consent. */
  | { readonly status: 'refused'; readonly reason: string }
