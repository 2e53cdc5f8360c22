import type { Mapping, MirrorOptions, Senders } from '@waymark/kit'
import type { Region } from './hosts.ts'

/** How Mixpanel puts visitors and users together. Fixed for a project once it has data: Settings > Identity Merge. */
export type IdentityMode = 'simplified' | 'original'

export interface MixpanelOptions {
  /** The plugin's name. Default `mixpanel`; a second one in the same config needs another. */
  readonly name?: string
  /** Serve the endpoints that Mixpanel's SDKs send to. Default true. */
  readonly receive?: boolean
  /**
   * The project tokens that are let in, each with the name of its source, or a list of tokens that are their own names.
   * Default: any token is let in and becomes the source's name, which is meant for development on one machine.
   */
  readonly tokens?: Senders
  /** Where the project's data is kept. Default `us`. */
  readonly region?: Region
  /** The identity merge of the project. Default `simplified`. */
  readonly identity?: IdentityMode
  /** The group key of the project that `groupId` stands for. Default `company`. */
  readonly groupKey?: string
  /** Other names, or other events, for single events. */
  readonly mapping?: Mapping
  /** Passes everything that comes in on to Mixpanel, unchanged. Default false. True: to the ingestion of the region. */
  readonly mirror?: boolean | Partial<MirrorOptions>
  /** Of the project, with the role it needs: the sink sends with it, and the export and profile sources need it. */
  readonly serviceAccount?: ServiceAccount
  /** Hands every event on to Mixpanel. Default: nothing is sent. */
  readonly sink?: MixpanelSinkOptions
  /** Fetches events from the raw export. Default: nothing is fetched. */
  readonly export?: MixpanelExportOptions
  /** Fetches profiles by query. Default: nothing is fetched. */
  readonly profiles?: MixpanelProfilesOptions
  /** Takes cohort syncs at `/<name>/cohorts`. Default: there is no such endpoint. */
  readonly cohorts?: MixpanelCohortOptions
  /** Has Mixpanel delete the data of users who are erased here. */
  readonly eraser?: MixpanelEraserOptions
}

export interface ServiceAccount {
  readonly username: string
  readonly secret: string
  readonly projectId: string
}

export interface MixpanelSinkOptions {
  /** The project's token: Settings > Access Keys. */
  readonly token: string
  /** Scheme and host, with a path if there is one. Default: the ingestion of the region. */
  readonly host?: string
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeout?: number
  /** What Waymark itself finds out and Mixpanel gets too: memberships as profile properties, decisions as events. Default: none. */
  readonly learned?: readonly ('memberships' | 'decisions')[]
}

export interface MixpanelExportOptions {
  /** The first day that is fetched, `2026-01-31`. */
  readonly since: string
  /** Days before the last one that are fetched again each time, for events that came late; 0 to 6. Default 2. */
  readonly overlapDays?: number
  /** The project's timezone, `Europe/Paris`, if the project is older than 2023: its days and times are in it. Default: UTC. */
  readonly timezone?: string
  /** Names of the events to fetch. Default: all. */
  readonly events?: readonly string[]
  /** A condition in Mixpanel's own language. */
  readonly where?: string
  /** Milliseconds from one pull to the next. Default an hour. */
  readonly every?: number
  /** Default: the export host of the region. */
  readonly host?: string
}

export interface MixpanelProfilesOptions {
  /** Only the profiles in this cohort. Default: all. */
  readonly cohort?: number
  /** Milliseconds from one pull to the next. Default a day. */
  readonly every?: number
  /** Default: the application host of the region. */
  readonly host?: string
}

export interface MixpanelCohortOptions {
  /** What Mixpanel sends as basic authorization. */
  readonly username: string
  readonly password: string
  /** The trait of a cohort's members, by cohort id. Default `cohort_` and the cohort's name in small letters: `cohort_power_users`. */
  readonly traits?: Readonly<Record<string, string>>
}

export interface MixpanelEraserOptions {
  /** The project's token. */
  readonly token: string
  /** The OAuth token for data deletions, which ends after a year: Account settings > Data & Privacy. */
  readonly oauthToken: string
  /** Under which law. Default `GDPR`. */
  readonly complianceType?: 'GDPR' | 'CCPA'
  /** Default: the application host of the region. */
  readonly host?: string
}
