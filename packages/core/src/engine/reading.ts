import { NEVER, NONE } from '../behaviour/evaluate/moment.ts'
import { FIRST_SEEN, LAST_ACTIVE } from '../behaviour/evaluate/predicate.ts'
import type { Truth } from '../behaviour/truth.ts'
import type { Evidence } from '../evidence.ts'
import { type Past, type Profile, type RuleStanding, userIdOf } from '../profile.ts'
import { AS_OF, SESSION } from './cells.ts'
import { retryAtOf, sinceOf } from './decide.ts'
import type { CompiledDefinition, RuleNode } from './definition.ts'
import { asOf, type Draft } from './draft.ts'
import { memberOf, memberSince } from './membership.ts'

/** How a user stands at one moment. */
export interface Reading {
  readonly profile: {
    readonly id: string
    readonly userId?: string
    readonly firstSeenAt: number
    /** Of the newest activity; absent before the first. */
    readonly lastActiveAt?: number
    /** Sessions so far. */
    readonly sessions: number
    readonly traits: Profile['traits']
    readonly consent: Profile['consent']
    readonly timezone?: string
  }
  readonly segments: readonly {
    readonly segment: string
    /** Undefined while the segment has not settled on one. */
    readonly member?: string
    readonly since?: number
    readonly members: readonly { readonly name: string; readonly truth: Truth; readonly evidence: Evidence }[]
  }[]
  readonly rules: readonly {
    readonly rule: string
    readonly truth: Truth
    readonly since?: number
    /** Held back by a guard until then. */
    readonly retryAt?: number
    readonly evidence: Evidence
  }[]
}

/** A user's member of a segment that has settled on one. */
export interface MembershipOf {
  readonly segment: string
  readonly member: string
  readonly since: number
}

type Read = Pick<Draft, 'pages' | 'templates' | 'header'>

export function membershipsOf(definition: CompiledDefinition, draft: Read): readonly MembershipOf[] {
  return definition.segments.flatMap((node) => {
    const member = node.members[memberOf(draft, node)]?.name
    return member === undefined ? [] : [{ segment: node.id, member, since: memberSince(draft, node) }]
  })
}

function standingOf(draft: Read, rule: RuleNode): RuleStanding | undefined {
  const since = sinceOf(draft, rule)
  const retryAt = retryAtOf(draft, rule)
  return since === NONE ? undefined : retryAt === NEVER ? { since } : { since, retryAt }
}

export function pastOf(definition: CompiledDefinition, draft: Draft): Past {
  return {
    asOf: { at: asOf(draft), tie: draft.tie },
    memberships: Object.fromEntries(membershipsOf(definition, draft).map(({ segment, ...membership }) => [segment, membership])),
    rules: Object.fromEntries(
      definition.rules.flatMap((rule) => {
        const standing = standingOf(draft, rule)
        return standing === undefined ? [] : [[rule.rule.id, standing]]
      }),
    ),
    sends: draft.sends,
  }
}

/** `then` is the profile brought silently to the moment `at`; what a guard holds back is as `draft` has it. */
export function readingOf(definition: CompiledDefinition, draft: Draft, then: Draft, at: number): Reading {
  return {
    profile: whoIs(then),
    segments: definition.segments.map((node) => {
      const member = node.members[memberOf(then, node)]?.name
      return {
        segment: node.id,
        ...(member === undefined ? {} : { member, since: memberSince(then, node) }),
        members: node.members.map(({ name, when, account }) => ({ name, truth: when(then), evidence: account(then, at) })),
      }
    }),
    rules: definition.rules.map((node) => {
      const standing = standingOf(then, node)
      const { retryAt } = standingOf(draft, node) ?? {}
      return {
        rule: node.rule.id,
        truth: node.when(then),
        ...(standing === undefined ? {} : { since: standing.since, ...(retryAt === undefined ? {} : { retryAt }) }),
        evidence: node.account(then, at),
      }
    }),
  }
}

function whoIs(draft: Draft): Reading['profile'] {
  const { id, header, traits, consent, timezone } = draft
  const userId = userIdOf(draft)
  return {
    id,
    ...(userId === undefined ? {} : { userId }),
    firstSeenAt: header[FIRST_SEEN] as number,
    ...(header[LAST_ACTIVE] === NONE ? {} : { lastActiveAt: header[LAST_ACTIVE] as number }),
    sessions: header[SESSION] as number,
    traits,
    consent,
    ...(timezone === undefined ? {} : { timezone }),
  }
}

export function asOfIn(profile: Profile): number {
  // A snapshot of before there were pages has none, and is read from the log.
  return (profile.pages as Profile['pages'] | undefined)?.[0]?.[AS_OF] ?? NONE
}
