import { INTERACTIONS, type Interaction } from '../message.ts'

/** What every answer to a message carries. */
export interface InteractionProperties {
  /** Key of the message. */
  readonly message: string
  readonly rule: string
  readonly channel: string
}

interface ApplicationProperties {
  readonly version: string
  readonly build: string | number
}

/**
 * Track events that arrive without anybody writing them: the answers to our own messages, and what the Segment SDKs
 * for apps send of an app's life. Every plan knows them; a plan that declares one of the latter itself has the last word.
 */
export type BuiltInEvents = Readonly<Record<(typeof INTERACTIONS)[Interaction], InteractionProperties>> & {
  readonly 'Application Installed': ApplicationProperties
  readonly 'Application Updated': ApplicationProperties & { readonly previous_version: string; readonly previous_build: string | number }
  readonly 'Application Opened': ApplicationProperties & { readonly from_background: boolean; readonly url: string; readonly referring_application: string }
  readonly 'Application Foregrounded': object
  readonly 'Application Backgrounded': object
}

/** Names that a plan must not declare: their properties are ours. */
export const RESERVED_EVENTS: ReadonlySet<string> = new Set(Object.values(INTERACTIONS))

const LIFECYCLE = ['Application Installed', 'Application Updated', 'Application Opened', 'Application Foregrounded', 'Application Backgrounded'] as const

export const BUILT_IN_EVENTS: ReadonlySet<string> = new Set<keyof BuiltInEvents>([...Object.values(INTERACTIONS), ...LIFECYCLE])
