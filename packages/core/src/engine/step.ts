import { consentIn } from '../consent.ts'
import { WaymarkError } from '../errors.ts'
import type { Decision, MembershipChange } from '../decision.ts'
import { isActivity, type CanonicalEvent } from '../event.ts'
import { before, type Profile, type Timer } from '../profile.ts'
import { decide } from './decide.ts'
import type { CompiledDefinition } from './definition.ts'

/** Sessions end after this long without activity. A gap of exactly this length is still one session. */
const SESSION_GAP = 30 * 60_000
const DAY = 86_400_000
/** Sorts after every message id: at one moment, events come before the tick. */
const LAST = '\uffff'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

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
    timers: [],
    memberships: {},
    rules: {},
    sends: [],
  }
}

export function applyEvent(definition: CompiledDefinition, draft: Draft, event: CanonicalEvent, now: number): void {
  const { profile } = draft
  const at = event.timestamp
  const position = { at, tie: event.messageId }
  if (before(position, profile.asOf)) throw new WaymarkError('EVENT_LATE', `event ${event.messageId} is older than what profile ${profile.id} has seen`)
  // What fell due before this event comes first, decided as of then; what falls due at its very moment is answered with it.
  catchUp(definition, draft, at - 1, (wake) => wake)
  const isNew = profile.states.length === 0 && profile.asOf.at === Number.NEGATIVE_INFINITY
  profile.asOf = position
  learn(definition, profile, event)

  const touched = new Set<number>(due(profile, at))
  if (isActivity(event)) {
    if (profile.lastActiveAt === undefined || at - profile.lastActiveAt > SESSION_GAP) profile.session += 1
    profile.lastActiveAt = at
    for (const index of definition.byActivity) touched.add(index)
  }
  if (event.type === 'identify') for (const index of definition.byTraits) touched.add(index)
  if (event.event !== undefined) {
    const heard = definition.byEvent.get(event.event)
    if (heard !== undefined) {
      const observation = { event, at, session: profile.session, day: Math.floor(at / DAY) }
      for (const index of heard) {
        const state = profile.states[index] ?? null
        const next = definition.predicates[index]?.evaluator.observe(state, observation) ?? null
        if (next === state) continue
        profile.states = replace(profile.states, index, next)
        touched.add(index)
      }
    }
  }
  if (isNew) definition.predicates.forEach((_, index) => touched.add(index))
  settle(definition, draft, touched, at, now)
}

/** Time has passed up to `at`: everything that was due by then changes at its own moment. */
export function applyTick(definition: CompiledDefinition, draft: Draft, at: number, now: number): void {
  catchUp(definition, draft, at, (wake) => Math.max(wake, now))
  const position = { at, tie: LAST }
  if (before(draft.profile.asOf, position)) draft.profile.asOf = position
}

function catchUp(definition: CompiledDefinition, draft: Draft, until: number, decidedAt: (wake: number) => number): void {
  for (;;) {
    const wake = nextWake(draft.profile)
    if (wake === undefined || wake > until) return
    const at = Math.max(wake, draft.profile.asOf.at)
    const touched = new Set(due(draft.profile, at))
    if (before(draft.profile.asOf, { at, tie: LAST })) draft.profile.asOf = { at, tie: LAST }
    settle(definition, draft, touched, at, decidedAt(at))
  }
}

/** Takes the profile's own facts from an event: who it is, what is said of them, what they agree to. */
function learn(definition: CompiledDefinition, profile: Writable<Profile>, event: CanonicalEvent): void {
  if (event.userId !== undefined) profile.userId = event.userId
  if (event.type === 'identify') profile.traits = { ...profile.traits, ...event.traits }
  const consent = consentIn(event, definition.governance.consent)
  if (consent !== undefined) profile.consent = { ...profile.consent, ...consent }
  const { timezone } = event.context
  if (typeof timezone === 'string' && timezone !== profile.timezone) profile.timezone = timezone
}

function due(profile: Profile, at: number): number[] {
  return profile.timers.filter((timer) => timer.at <= at).map((timer) => timer.predicate)
}

/** Looks again at the segments and rules that the touched predicates matter to, then sets their timers anew. */
function settle(definition: CompiledDefinition, draft: Draft, touched: Set<number>, at: number, now: number): void {
  const { profile } = draft
  const segments = new Set<number>()
  const rules = new Set<number>()
  const spread = (index: number) => {
    for (const segment of definition.predicates[index]?.segments ?? []) segments.add(segment)
    for (const rule of definition.predicates[index]?.rules ?? []) rules.add(rule)
  }
  touched.forEach(spread)

  definition.segments.forEach((segment, index) => {
    if (!segments.has(index)) return
    const member = segment.members.find(({ when }) => when(profile, at) === 2)?.name
    const from = profile.memberships[segment.id]?.member
    if (member === from) return
    const { [segment.id]: _, ...others } = profile.memberships
    profile.memberships = member === undefined ? others : { ...others, [segment.id]: { member, since: at } }
    draft.changes.push({ profile: profile.id, segment: segment.id, from, to: member, at })
    for (const asked of segment.asked) {
      touched.add(asked)
      spread(asked)
    }
  })

  setTimers(definition, profile, touched, at)
  decide(definition, draft, rules, at, now)
}

function setTimers(definition: CompiledDefinition, profile: Writable<Profile>, touched: ReadonlySet<number>, at: number): void {
  if (touched.size === 0) return
  const timers: Timer[] = profile.timers.filter((timer) => !touched.has(timer.predicate))
  for (const index of touched) {
    const next = definition.predicates[index]?.evaluator.next(profile.states[index] ?? null, at, profile)
    if (next !== undefined) timers.push({ at: next, predicate: index })
  }
  profile.timers = timers
}

/** The first moment at which time alone changes something: a predicate's own, or the end of what holds a message back. */
export function nextWake(profile: Profile): number | undefined {
  let wake = Number.POSITIVE_INFINITY
  for (const timer of profile.timers) if (timer.at < wake) wake = timer.at
  for (const rule of Object.values(profile.rules)) if (rule.retryAt !== undefined && rule.retryAt < wake) wake = rule.retryAt
  return wake === Number.POSITIVE_INFINITY ? undefined : wake
}

function replace(states: readonly unknown[], index: number, state: unknown): readonly unknown[] {
  const copy = states.slice()
  while (copy.length < index) copy.push(null)
  copy[index] = state
  return copy
}
