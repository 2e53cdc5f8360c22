import type { CanonicalEvent, JsonObject } from '@waymark/core'
import { cohortTrait } from '@waymark/kit'

/** One user who came into a cohort of Amplitude's, or left it. */
export interface Membership {
  readonly cohort: string
  readonly userId: string
  readonly isIn: boolean
  readonly at: number
  readonly messageId: string
  readonly source: string
  readonly receivedAt: number
  readonly traits?: JsonObject
}

/** A membership is a trait: `amplitude_power_users`, true or false, for the cohort 'Power users'. So rules and segments can ask for it. */
export function membershipEvent({ cohort, userId, isIn, at, messageId, source, receivedAt, traits = {} }: Membership): CanonicalEvent {
  return {
    type: 'identify',
    messageId,
    userId,
    timestamp: Math.min(at, receivedAt),
    receivedAt,
    properties: {},
    traits: { ...traits, [cohortTrait('amplitude', cohort)]: isIn },
    context: {},
    integrations: {},
    source,
  }
}
