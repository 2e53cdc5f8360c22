import { TRUE, type Truth, UNKNOWN } from '../behaviour/truth.ts'
import { consentIn } from '../consent.ts'
import { WaymarkError } from '../errors.ts'
import { type CanonicalEvent, isActivity } from '../event.ts'
import { before, type Profile, type Timer } from '../profile.ts'
import { decide } from './decide.ts'
import type { CompiledDefinition, CompiledPredicate, Truths } from './definition.ts'
import type { Draft, Writable } from './draft.ts'

/** Sessions end after this long without activity. A gap of exactly this length is still one session. */
const SESSION_GAP = 30 * 60_000
const DAY = 86_400_000
/** Sorts after every message id: at one moment, events come before the tick. */
const LAST = '\uffff'

export function applyEvent(definition: CompiledDefinition, draft: Draft, event: CanonicalEvent, now: number): void {
  const { profile } = draft
  const at = event.timestamp
  const position = { at, tie: event.messageId }
  if (before(position, profile.asOf)) throw new WaymarkError('EVENT_LATE', `event ${event.messageId} is older than what profile ${profile.id} has seen`)
  // What fell due before this event comes first, decided as of then; what falls due at its very moment is answered with it.
  catchUp(definition, draft, at - 1, (wake) => wake)
  const isNew = profile.truths.length === 0
  profile.asOf = position
  learn(definition, profile, event)

  const touched = isNew ? definition.predicates.map((_, index) => index) : due(profile, at)
  if (isActivity(event)) {
    if (profile.lastActiveAt === undefined || at - profile.lastActiveAt > SESSION_GAP) profile.session += 1
    profile.lastActiveAt = at
    touched.push(...definition.byActivity)
  }
  if (event.type === 'identify') touched.push(...definition.byTraits)
  const heard = event.event === undefined ? undefined : definition.byEvent.get(event.event)
  if (heard !== undefined) {
    const observation = { event, at, session: profile.session, day: Math.floor(at / DAY) }
    let states: unknown[] | undefined
    for (const index of heard) {
      const state = profile.states[index] ?? null
      const next = definition.predicates[index]?.evaluator.observe(state, observation) ?? null
      if (next === state) continue
      states ??= profile.states.slice()
      while (states.length < index) states.push(null)
      states[index] = next
      touched.push(index)
    }
    if (states !== undefined) profile.states = states
  }
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
    const touched = due(draft.profile, at)
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

/** Reads the touched predicates anew, then the segments and rules that those matter to whose truth has changed. */
function settle(definition: CompiledDefinition, draft: Draft, touched: number[], at: number, now: number): void {
  const { profile } = draft
  const segments = new Set<number>()
  const rules = new Set<number>()
  const isFirst = profile.truths.length === 0
  let truths = isFirst ? definition.predicates.map((): number => UNKNOWN) : undefined

  const read = (index: number): void => {
    const { evaluator, segments: inSegments, rules: inRules } = definition.predicates[index] as CompiledPredicate
    const truth = evaluator.truth(profile.states[index] ?? null, at, profile)
    if (!isFirst && (truths ?? profile.truths)[index] === truth) return
    truths ??= profile.truths.slice()
    truths[index] = truth
    for (const segment of inSegments) segments.add(segment)
    for (const rule of inRules) rules.add(rule)
  }
  touched.forEach(read)

  if (segments.size > 0) {
    const known: Truths = (index) => (truths ?? profile.truths)[index] as Truth
    definition.segments.forEach((segment, index) => {
      if (!segments.has(index)) return
      const member = segment.members.find(({ when }) => when(known) === TRUE)?.name
      const from = profile.memberships[segment.id]?.member
      if (member === from) return
      const { [segment.id]: _, ...others } = profile.memberships
      profile.memberships = member === undefined ? others : { ...others, [segment.id]: { member, since: at } }
      draft.changes.push({ profile: profile.id, segment: segment.id, from, to: member, at })
      // Segments that ask for this one come later in the order, so they are read with what is new.
      for (const asked of segment.asked) {
        touched.push(asked)
        read(asked)
      }
    })
  }

  if (truths !== undefined) profile.truths = truths
  setTimers(definition, profile, touched, at)
  decide(definition, draft, rules, at, now)
}

/** Timers stand in the order of their predicates, and are copied only when one of them changes. */
function setTimers(definition: CompiledDefinition, profile: Writable<Profile>, touched: readonly number[], at: number): void {
  let timers: Timer[] | undefined
  for (const predicate of touched) {
    const next = definition.predicates[predicate]?.evaluator.next(profile.states[predicate] ?? null, at, profile)
    const current = timers ?? profile.timers
    let place = 0
    while (place < current.length && (current[place] as Timer).predicate < predicate) place += 1
    const there = current[place]?.predicate === predicate ? current[place] : undefined
    if (there?.at === next) continue
    timers ??= profile.timers.slice()
    timers.splice(place, there === undefined ? 0 : 1, ...(next === undefined ? [] : [{ at: next, predicate }]))
  }
  if (timers !== undefined) profile.timers = timers
}

/** The first moment at which time alone changes something: a predicate's own, or the end of what holds a message back. */
export function nextWake(profile: Profile): number | undefined {
  let wake = Number.POSITIVE_INFINITY
  for (const timer of profile.timers) if (timer.at < wake) wake = timer.at
  for (const id in profile.rules) {
    const retryAt = profile.rules[id]?.retryAt
    if (retryAt !== undefined && retryAt < wake) wake = retryAt
  }
  return wake === Number.POSITIVE_INFINITY ? undefined : wake
}
