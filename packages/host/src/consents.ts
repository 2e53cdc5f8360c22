import { agrees, type CanonicalEvent, type ConsentPolicy, type ConsentState, consentIn } from '@waymark/core'
import type { Held } from './profiles.ts'
import type { Resolved } from './resolve-identities.ts'

/** What users have said of consent by the events of one commit, in their order. */
export interface Consents {
  /** Whether the event may be kept, and whether it says something new. */
  hear(event: CanonicalEvent, owner: Resolved): { readonly mayKeep: boolean; readonly isNews: boolean }
}

const NOTHING: ConsentState = {}

export function createConsents(loaded: ReadonlyMap<string, Held>, policy: ConsentPolicy | undefined): Consents {
  const heard = new Map<string, ConsentState>()

  function known(profile: string): ConsentState {
    return heard.get(profile) ?? loaded.get(profile)?.profile.consent ?? NOTHING
  }

  return {
    hear(event, { profile, merged }) {
      // What the visitor said holds for the user they turn out to be.
      const before = merged.length === 0 ? known(profile) : (Object.assign({}, ...merged.map(known), known(profile)) as ConsentState)
      const stated = consentIn(event, policy)
      const now = stated === undefined ? before : { ...before, ...stated }
      if (stated !== undefined || merged.length > 0) heard.set(profile, now)
      return { mayKeep: agrees(now, 'analytics', policy), isNews: stated !== undefined && JSON.stringify(now) !== JSON.stringify(before) }
    },
  }
}
