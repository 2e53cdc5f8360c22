import type { CanonicalEvent } from '@waymark/core'
import type { Mapping } from '@waymark/kit'
import type { GoogleAccess } from './google/access.ts'
import type { AuthOptions } from './sources/auth.ts'
import type { BigQueryOptions } from './sources/bigquery/options.ts'
import type { CollectionOptions } from './sources/firestore.ts'

export interface FirebaseOptions {
  /** The plugin's name. Default `firebase`; a second one in the same config needs another. */
  readonly name?: string
  /** Serve the Measurement Protocol's endpoints. Default true. */
  readonly receive?: boolean
  /**
   * The streams that are let in, by firebase_app_id or measurement_id, each with its source's name and the secrets that prove it.
   * Default: any stream is let in, whatever the secret, under its own id: meant for development on one machine.
   */
  readonly streams?: Readonly<Record<string, StreamOptions>>
  /** Hands what came in on to Google unchanged, once it is on disk. Default false. `to`: another host than `https://www.google-analytics.com`. */
  readonly mirror?: boolean | { readonly to?: string; readonly timeout?: number }
  /** Other names for single events, both ways. */
  readonly mapping?: Mapping
  /** The Google Cloud project and who asks; for everything but the Measurement Protocol. */
  readonly google?: GoogleAccess
  /** Hands every event on to Google Analytics. Default: nothing is sent. */
  readonly sink?: FirebaseSinkOptions
  /** Keeps the segments of each user in a Firestore document that apps can read live. Default: none. */
  readonly memberships?: MembershipOptions
  /** Reads the export of Google Analytics in BigQuery. */
  readonly bigquery?: BigQueryOptions
  /** Listens to collections of Firestore, by path. */
  readonly firestore?: Readonly<Record<string, CollectionOptions>>
  /** Polls the users of Firebase Authentication. */
  readonly auth?: AuthOptions
  /** What is deleted when a person is to be forgotten. Default: the documents of `memberships`, where there are any. */
  readonly eraser?: FirebaseEraserOptions
}

export interface StreamOptions {
  /** The name of the source. */
  readonly name: string
  /** Admin > Data streams > Measurement Protocol API secrets. Several while one is replaced by another. */
  readonly apiSecret: string | readonly string[]
}

export interface FirebaseSinkOptions {
  /** API secrets by firebase_app_id (an app) or measurement_id (a website). An event goes to the stream its device belongs to. */
  readonly streams: Readonly<Record<string, string>>
  /** `eu`: `https://region1.google-analytics.com`, so that data is collected within the EU. */
  readonly region?: 'eu'
  /** Scheme and host, in place of Google's. */
  readonly host?: string
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeout?: number
  /** Ask the validation endpoint before each request, since Google answers 204 to anything. Twice the requests. Default false. */
  readonly validate?: boolean
  /**
   * Whether a request is sent again that may have arrived. Google knows no copies. Default false: at most once, and the event is kept as a dead
   * letter; true: at least once, and some events count twice.
   */
  readonly resend?: boolean
  /** What becomes of an event older than the 72 hours Google takes. Default `mark`: it counts as 72 hours old and carries `waymark_happened_at`. */
  readonly late?: 'mark' | 'reject'
  /** What Waymark finds out and Google gets too: memberships as user properties, for audiences; decisions as events. Default: none. */
  readonly learned?: readonly ('memberships' | 'decisions')[]
  /** The id that Google's SDK gave the device, where the event does not hold it. Never make one up. */
  readonly instanceOf?: (event: CanonicalEvent) => string | undefined | Promise<string | undefined>
}

export interface MembershipOptions {
  /** Path of the collection. Default `waymark_memberships`. */
  readonly collection?: string
}

export interface FirebaseEraserOptions {
  /** The number of the Google Analytics property: its user is deleted. */
  readonly property?: string
  /** Whether the user of Firebase Authentication is deleted. Default false. */
  readonly auth?: boolean
  /** Whether the rows of the export are deleted, as `bigquery` names it. Default false. */
  readonly bigquery?: boolean
  /** Scheme and host of the Analytics Admin API, in place of Google's. */
  readonly host?: string
}
