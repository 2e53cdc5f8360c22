import type { CanonicalEvent } from './event.ts'
import type { ConsentPolicy } from './governance.ts'
import { isObject } from './json.ts'
import { PURPOSES, type Purpose } from './plugin/plugin.ts'
import type { Profile } from './profile.ts'

export type ConsentState = Profile['consent']

const UNSET: ConsentState = { analytics: 'granted', personalization: 'denied', marketing: 'denied' }

/** What an event says of consent, in `context.consent.categoryPreferences`; undefined when it says nothing. */
export function consentIn(event: CanonicalEvent, policy: ConsentPolicy = {}): ConsentState | undefined {
  const consent = event.context['consent']
  if (!isObject(consent)) return undefined
  const preferences = isObject(consent['categoryPreferences']) ? consent['categoryPreferences'] : {}
  const stated: Partial<Record<Purpose, 'granted' | 'denied'>> = {}
  for (const [category, given] of Object.entries(preferences)) {
    const purpose = policy.categories?.[category] ?? (PURPOSES as readonly string[]).find((one) => one === category)
    if (purpose === undefined || purpose === 'essential') continue
    // Several categories may stand for one purpose: it is granted only when all of them are.
    const granted = given === true && stated[purpose as Purpose] !== 'denied'
    stated[purpose as Purpose] = granted ? 'granted' : 'denied'
  }
  return stated
}

/** Whether a user agrees to a purpose: as stated, else as the policy has it for people who were never asked. */
export function agrees(consent: ConsentState, purpose: Purpose, policy: ConsentPolicy = {}): boolean {
  if (purpose === 'essential') return true
  return (consent[purpose] ?? policy.unset?.[purpose] ?? UNSET[purpose]) === 'granted'
}

/** What is left of an event whose user denies analytics: the answer itself, as proof, and nothing of what was done. */
export function consentOnly(event: CanonicalEvent): CanonicalEvent {
  const { consent } = event.context
  return {
    type: 'identify',
    messageId: event.messageId,
    ...(event.userId === undefined ? {} : { userId: event.userId }),
    ...(event.anonymousId === undefined ? {} : { anonymousId: event.anonymousId }),
    timestamp: event.timestamp,
    receivedAt: event.receivedAt,
    properties: {},
    traits: {},
    context: consent === undefined ? {} : { consent },
    integrations: { All: false },
    source: event.source,
  }
}
