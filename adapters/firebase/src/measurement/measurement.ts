import type { Json } from '@waymark/core'

/** The body of a request of the Measurement Protocol, as far as it is used here. */
export interface Measurement {
  /** Of an app's stream. */
  readonly app_instance_id?: string
  /** Of a web stream. */
  readonly client_id?: string
  readonly user_id?: string
  readonly timestamp_micros?: number
  readonly user_properties?: UserProperties
  readonly consent?: AdConsent
  readonly events: readonly MeasurementEvent[]
}

export interface MeasurementEvent {
  readonly name: string
  readonly params: Readonly<Record<string, Json>>
  readonly timestamp_micros?: number
}

export type UserProperties = Readonly<Record<string, { readonly value: string | number; readonly timestamp_micros?: number }>>

export type AdConsent = Readonly<Partial<Record<'ad_user_data' | 'ad_personalization', 'GRANTED' | 'DENIED'>>>

/** What kind of stream it is: that decides which id its devices have and how its pages are called. */
export type StreamKind = 'app' | 'web'

/** A measurement id (`G-…`) is a web stream's, a firebase_app_id (`1:123:android:…`) an app's. */
export function kindOf(stream: string): StreamKind {
  return /^G-/i.test(stream) ? 'web' : 'app'
}
