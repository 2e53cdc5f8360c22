import type { CanonicalEvent, JsonObject } from '@waymark/core'

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
    traits: { ...traits, [traitOf(cohort)]: isIn },
    context: {},
    integrations: {},
    source,
  }
}

function traitOf(cohort: string): string {
  const name = cohort
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '')
  return `amplitude_${name}`
}
