import type { CanonicalEvent } from './event.ts'

interface NotAccepted {
  /** What sent it. */
  readonly source: string
  readonly reason: string
  /** Fingerprint of the plan it was held to (`planFingerprint`); empty for what is from before it was kept. */
  readonly version: string
}

/** `event`: it was read, but does not fit the plan, and may fit a mended one. `raw`: it could not be read, as it was sent. */
export type NewQuarantined = NotAccepted & ({ readonly event: CanonicalEvent } | { readonly raw: unknown })

/** An event that was not accepted. */
export type Quarantined = NewQuarantined & {
  readonly id: number
  /** When it came in, in epoch milliseconds. */
  readonly at: number
}

/** Which of the quarantine are meant; with nothing named, all of it. */
export interface QuarantineFilter {
  readonly ids?: readonly number[]
  readonly source?: string
}

export interface QuarantineTotal {
  readonly source: string
  readonly count: number
  /** How many of them could be read: these can be replayed once the plan is mended. */
  readonly readable: number
}
