import type { Truth } from '../behaviour/truth.ts'
import { TRUE } from '../behaviour/truth.ts'
import { agrees } from '../consent.ts'
import type { Decision, Evidence, MembershipChange } from '../decision.ts'
import type { CanonicalEvent } from '../event.ts'
import type { Message } from '../message.ts'
import type { Past, Profile } from '../profile.ts'
import { before } from '../profile.ts'
import type { Input } from '../store.ts'
import { type CompiledDefinition, compileDefinition, type Definition, truthsAt } from './definition.ts'
import { type Draft, draftOf } from './draft.ts'
import { evidenceOf } from './evidence.ts'
import { quietFor } from './guards.ts'
import { rebuild } from './rebuild.ts'
import { applyEvent, applyTick, nextWake } from './step.ts'

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

/** How a user stands at one moment. */
export interface Reading {
  readonly segments: readonly {
    readonly segment: string
    /** Undefined while the segment has not settled on one. */
    readonly member?: string
    readonly since?: number
    readonly members: readonly { readonly name: string; readonly truth: Truth; readonly evidence: readonly Evidence[] }[]
  }[]
  readonly rules: readonly {
    readonly rule: string
    readonly truth: Truth
    readonly since?: number
    /** Held back by a guard until then. */
    readonly retryAt?: number
    readonly evidence: readonly Evidence[]
  }[]
}

/**
 * The pure heart: no I/O, no clock, no randomness. The same calls give the same results, so that running live,
 * recovering after a crash, replaying a file and rebuilding a profile are one function over one log.
 */
export interface Engine {
  /** Names the definition; profiles made under another one must be rebuilt. */
  readonly fingerprint: string
  /** The first step of a profile takes undefined. Throws on a late event: rebuild instead. */
  step(profile: Profile | undefined, id: string, input: Exclude<Input, { kind: 'merge' }>, now: number): Step
  /** Whether the event sorts before what the profile has seen. */
  isLate(profile: Profile | undefined, event: CanonicalEvent): boolean
  /**
   * The profile that its whole history (in event order) gives. Sends already made stay made: a rule that was true
   * before, in any of `previous`, does not send again. Rules that become true only now are decided on, unless `silent`.
   */
  rebuild(id: string, history: Iterable<CanonicalEvent>, previous: readonly Past[], now: number, mode: 'decide' | 'silent'): Step
  /** Whether a queued message should still go now: asked again when it is claimed. */
  stands(profile: Profile, message: Message, at: number): Standing
  /** When to give the profile a tick, if nothing else comes before. */
  nextWake(profile: Profile): number | undefined
  /** Where the profile stands in every segment and rule, at a moment no earlier than its newest input. */
  read(profile: Profile, at: number): Reading
}

export function createEngine(definition: Definition): Engine {
  const compiled: CompiledDefinition = compileDefinition(definition)

  function finish(draft: Draft): Step {
    return { profile: draft.profile, decisions: draft.decisions, changes: draft.changes, nextWake: nextWake(draft.profile) }
  }

  return {
    fingerprint: compiled.fingerprint,
    step(profile, id, input, now) {
      const draft = draftOf(profile, id, input.kind === 'event' ? input.event.timestamp : input.at, 'decide')
      if (input.kind === 'event') applyEvent(compiled, draft, input.event, now)
      else applyTick(compiled, draft, input.at, now)
      return finish(draft)
    },
    isLate: (profile, event) => profile !== undefined && before({ at: event.timestamp, tie: event.messageId }, profile.asOf),
    rebuild: (id, history, previous, now, mode) => finish(rebuild(compiled, id, history, previous, now, mode)),
    stands(profile, message, at) {
      const rule = compiled.rules.find((one) => one.rule.id === message.rule)
      if (rule === undefined) return { stands: false, reason: 'its rule is no longer there' }
      const channel = compiled.channels[message.channel]
      if (channel !== undefined && !agrees(profile.consent, channel.purpose, compiled.governance.consent))
        return { stands: false, reason: 'consent was withdrawn' }
      if (rule.when(truthsAt(compiled, profile, Math.max(at, profile.asOf.at))) !== TRUE) return { stands: false, reason: 'its condition is no longer true' }
      const notBefore = quietFor(compiled, message.channel, profile, at)
      return notBefore === undefined ? { stands: true } : { stands: true, notBefore }
    },
    nextWake,
    read: (profile, at) => ({
      segments: compiled.segments.map(({ id, members }) => ({
        segment: id,
        ...profile.memberships[id],
        members: members.map(({ name, when, predicates }) => ({
          name,
          truth: when(truthsAt(compiled, profile, at)),
          evidence: evidenceOf(compiled, predicates, profile, at),
        })),
      })),
      rules: compiled.rules.map(({ rule, when, predicates }) => ({
        rule: rule.id,
        truth: when(truthsAt(compiled, profile, at)),
        ...profile.rules[rule.id],
        evidence: evidenceOf(compiled, predicates, profile, at),
      })),
    }),
  }
}
