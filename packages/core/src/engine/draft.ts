import type { Decision, MembershipChange } from '../decision.ts'
import type { Profile } from '../profile.ts'

export type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** A step under way: a shallow copy of the profile in which whatever changes is replaced, never mutated. */
export interface Draft {
  readonly profile: Writable<Profile>
  readonly decisions: Decision[]
  readonly changes: MembershipChange[]
  /** `silent`: rules that become true are noted, and nothing is decided. */
  readonly mode: 'decide' | 'silent'
}

export function draftOf(profile: Profile | undefined, id: string, at: number, mode: Draft['mode']): Draft {
  return { profile: profile === undefined ? newProfile(id, at) : { ...profile }, decisions: [], changes: [], mode }
}

function newProfile(id: string, at: number): Profile {
  return {
    id,
    traits: {},
    consent: {},
    firstSeenAt: at,
    session: 0,
    asOf: { at: Number.NEGATIVE_INFINITY, tie: '' },
    states: [],
    truths: [],
    timers: [],
    memberships: {},
    rules: {},
    sends: [],
  }
}
