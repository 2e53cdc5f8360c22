import type { Duration } from './duration.ts'
import type { Purpose } from './plugin/plugin.ts'

/** A local time of day, `HH:MM`. */
export type TimeOfDay = `${number}:${number}`

/** What holds for every message on every channel, decided once, before the outbox. */
export interface Governance {
  /** At most `max` messages to one user in any window of this length, all channels together. */
  readonly frequencyCap?: Limit
  /** No message reaches a user outside the product in these hours of the user's own time zone. */
  readonly quietHours?: {
    readonly from: TimeOfDay
    readonly to: TimeOfDay
    /** For users whose zone is not known. Default `UTC`. */
    readonly timezone?: string
  }
  readonly consent?: ConsentPolicy
}

export interface Limit {
  readonly max: number
  readonly per: Duration
}

export interface ConsentPolicy {
  /**
   * What holds for users who were never asked. Default: `analytics` granted (first-party measurement), everything else denied.
   * An explicit denial of `analytics` keeps the event from being stored at all.
   */
  readonly unset?: Partial<Record<Exclude<Purpose, 'essential'>, 'granted' | 'denied'>>
  /** The consent tool's category names in `context.consent.categoryPreferences`, where they differ from the purposes' own names. */
  readonly categories?: Readonly<Record<string, Exclude<Purpose, 'essential'>>>
}
