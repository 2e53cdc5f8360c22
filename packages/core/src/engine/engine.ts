import { NEVER } from '../behaviour/evaluate/moment.ts'
import { TRUE } from '../behaviour/truth.ts'
import { agrees } from '../consent.ts'
import type { Decision, MembershipChange } from '../decision.ts'
import type { CanonicalEvent } from '../event.ts'
import type { Message } from '../message.ts'
import type { Past, Position, Profile } from '../profile.ts'
import type { Input } from '../store.ts'
import { nextWakeIn } from './cells.ts'
import { compileDefinition } from './compile.ts'
import type { Definition } from './definition.ts'
import { asOf, type Draft, draftOf, type Mode, newDraft, nextWake, profileOf } from './draft.ts'
import { quietFor } from './guards.ts'
import { createNeeds, type Reach } from './needs/needs.ts'
import { pack, unpack } from './pack.ts'
import { asOfIn, type MembershipOf, membershipsOf, pastOf, type Reading, readingOf } from './reading.ts'
import { rebuild } from './rebuild.ts'
import { applyEvent, applyTick } from './step.ts'

export interface Step {
  readonly profile: Profile
  readonly decisions: readonly Decision[]
  readonly changes: readonly MembershipChange[]
  /** When to give a tick, if nothing else comes before. */
  readonly nextWake: number | undefined
}

/** What a queued message has come to. */
export type Standing =
  /** `notBefore`: not in the quiet hours that have begun meanwhile. */
  { readonly stands: true; readonly notBefore?: number } | { readonly stands: false; readonly reason: string }

/**
 * The pure heart: no I/O, no clock, no randomness. The same calls give the same results, so that running live,
 * recovering after a crash, replaying a file and rebuilding a profile are one function over one log.
 */
export interface Engine {
  /** Names what profiles remember under the definition; profiles made under another one must be rebuilt. */
  readonly fingerprint: string
  /** Names what makes each rule true, by its id: a rule that is new or asks for something else has another name. */
  readonly rules: ReadonlyMap<string, string>
  /** The first step of a profile takes undefined. Throws on a late event: rebuild instead. `muted` names rules that are noted and not decided, but for those that make up for the past. */
  step(profile: Profile | undefined, id: string, input: Extract<Input, { kind: 'event' | 'tick' }>, now: number, muted?: ReadonlySet<string>): Step
  /** Whether the event sorts before what the profile has seen. */
  isLate(profile: Profile | undefined, event: CanonicalEvent): boolean
  /**
   * The profile that its whole history (in event order) gives. Sends already made stay made: a rule that was true
   * before, in any of `previous`, does not send again. Rules that become true only now are decided on; with `silent` none
   * are, with `backfill` those that say so, for somebody who has not had their message.
   */
  rebuild(id: string, history: readonly CanonicalEvent[], previous: readonly Past[], now: number, mode: Mode | 'backfill'): Step
  /** The profile's newest input, whatever definition the profile was made under. */
  asOf(profile: Profile): Position
  /** What a rebuild takes over from a profile. */
  pastOf(profile: Profile): Past
  /** A profile as one short string, to keep many that nobody needs at the moment; `unpack` gives it back. Of this definition only. */
  pack(profile: Profile): string
  unpack(packed: string): Profile
  /** Whether a queued message should still go now: asked again when it is claimed. */
  stands(profile: Profile, message: Message, at: number): Standing
  /** When to give the profile a tick, if nothing else comes before. */
  nextWake(profile: Profile): number | undefined
  /** The segments that have settled on a member as of the profile's newest input, in the order they depend on each other. */
  memberships(profile: Profile): readonly MembershipOf[]
  /**
   * Which of these events nobody will miss, by their place: with and without them every rebuild of their person comes to the same, as of any moment from
   * `horizon` on (or from the newest of their events, where that is before), whatever else comes in later or late, is merged or unmerged. But for since
   * when something is so, where that is before the horizon. `events`: in event order, of one user id, or of one anonymous id without one, for these stay together.
   */
  needless(events: readonly CanonicalEvent[], horizon: number): readonly boolean[]
  /** How far back the conditions read, each predicate once. */
  readonly reaches: readonly Reach[]
  /** Where the profile stands in every segment and rule, at a moment no earlier than its newest input. */
  read(profile: Profile, at: number): Reading
}

export function createEngine(definition: Definition): Engine {
  const compiled = compileDefinition(definition)
  const needs = createNeeds(compiled)

  function finish(draft: Draft): Step {
    const profile = profileOf(draft)
    const wake = nextWake(draft)
    return { profile, decisions: draft.decisions, changes: draft.changes, nextWake: wake === NEVER ? undefined : wake }
  }

  const silently = (profile: Profile) => draftOf(compiled, profile, 'silent')

  /** As it will be if nothing but time comes. */
  function draftAt(profile: Profile, at: number): Draft {
    const draft = silently(profile)
    applyTick(compiled, draft, Math.max(at, asOf(draft)), at)
    return draft
  }

  return {
    fingerprint: compiled.fingerprint,
    rules: new Map(compiled.rules.map(({ rule, asks }) => [rule.id, asks])),
    step(profile, id, input, now, muted) {
      const draft = profile === undefined ? newDraft(compiled, id, 'decide') : draftOf(compiled, profile, 'decide')
      if (muted !== undefined) draft.muted = muted
      if (input.kind === 'event') applyEvent(compiled, draft, input.event, now)
      else applyTick(compiled, draft, input.at, now)
      return finish(draft)
    },
    isLate(profile, event) {
      if (profile === undefined) return false
      const asOf = asOfIn(profile)
      return event.timestamp < asOf || (event.timestamp === asOf && event.messageId < profile.tie)
    },
    rebuild: (id, history, previous, now, mode) => finish(rebuild(compiled, id, history, previous, now, mode)),
    asOf: (profile) => ({ at: asOfIn(profile), tie: profile.tie ?? '' }),
    pastOf: (profile) => pastOf(compiled, silently(profile)),
    pack: (profile) => pack(compiled, profile),
    unpack: (packed) => unpack(compiled, packed),
    stands(profile, message, at) {
      const rule = compiled.rules.find((one) => one.rule.id === message.rule)
      if (rule === undefined) return { stands: false, reason: 'its rule is no longer there' }
      const channel = compiled.channels[message.channel]
      if (channel !== undefined && !agrees(profile.consent, channel.purpose, compiled.governance.consent))
        return { stands: false, reason: 'consent was withdrawn' }
      if (rule.when(draftAt(profile, at)) !== TRUE) return { stands: false, reason: 'its condition is no longer true' }
      const notBefore = quietFor(compiled, message.channel, profile, at)
      return notBefore === undefined ? { stands: true } : { stands: true, notBefore }
    },
    nextWake(profile) {
      const [first] = profile.pages
      const wake = first === null || first === undefined ? NEVER : nextWakeIn(first, compiled.templates.length)
      return wake === NEVER ? undefined : wake
    },
    ...needs,
    memberships: (profile) => membershipsOf(compiled, silently(profile)),
    read: (profile, at) => readingOf(compiled, silently(profile), draftAt(profile, at), at),
  }
}
