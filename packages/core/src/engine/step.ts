import { NEVER, NONE } from '../behaviour/evaluate/moment.ts'
import { FIRST_SEEN, LAST_ACTIVE, type Observation } from '../behaviour/evaluate/predicate.ts'
import { consentIn } from '../consent.ts'
import { WaymarkError } from '../errors.ts'
import { type CanonicalEvent, isActivity } from '../event.ts'
import type { Attention } from './attention.ts'
import { AS_OF, SESSION } from './cells.ts'
import type { BaseNode, CompiledDefinition } from './definition.ts'
import { asOf, type Draft, nextWake, wakeOf, writeLists, writePage } from './draft.ts'
import { settle } from './settle.ts'
import { pageOf } from './verdict.ts'

const DAY = 86_400_000
/** Sorts after every message id: at one moment, events come before the tick. */
const LAST = '\uffff'

export function applyEvent(definition: CompiledDefinition, draft: Draft, event: CanonicalEvent, now: number): void {
  const at = event.timestamp
  if (at < asOf(draft) || (at === asOf(draft) && event.messageId < draft.tie))
    throw new WaymarkError('EVENT_LATE', `event ${event.messageId} is older than what profile ${draft.id} has seen`)
  draft.freshFrom = now - definition.staleAfter
  // What fell due before this event comes first, decided as of then; what falls due at its very moment is answered with it.
  if (nextWake(draft) < at) catchUp(definition, draft, at - 1, (wake) => wake)

  const attention = definition.attention.clear()
  const first = writePage(draft, 0)
  if (draft.isNew) markFirst(definition, draft, attention, at)
  first[AS_OF] = at
  draft.tie = event.messageId
  draft.cause = event.messageId
  learn(definition, draft, event)
  if (nextWake(draft) <= at) due(definition, draft, attention, at)

  const isActive = isActivity(event)
  if (isActive) {
    const last = first[LAST_ACTIVE] as number
    if (last === NONE || at - last > definition.sessionGap) first[SESSION] = (first[SESSION] as number) + 1
    first[LAST_ACTIVE] = at
  }
  const observation: Observation = { event, at, session: first[SESSION] as number, day: Math.floor(at / DAY) }
  if (isActive) for (const node of definition.byActivity) if (observe(draft, node, observation)) attention.base.add(node)
  const heard = event.event === undefined ? undefined : definition.byEvent.get(event.event)
  if (heard !== undefined) for (const node of heard) if (observe(draft, node, observation)) attention.base.add(node)
  if (event.type === 'identify') attention.base.addAll(definition.byTraits)
  settle(definition, draft, attention, at, now)
}

/** A profile that is there without an event. */
export function appear(definition: CompiledDefinition, draft: Draft, at: number): void {
  const attention = definition.attention.clear()
  markFirst(definition, draft, attention, at)
  writePage(draft, 0)[AS_OF] = at
  settle(definition, draft, attention, at, at)
}

function markFirst({ atFirst }: CompiledDefinition, draft: Draft, attention: Attention, at: number): void {
  writePage(draft, 0)[FIRST_SEEN] = at
  attention.base.addAll(atFirst.base)
  for (const node of atFirst.derived) attention.markDerived(node)
  for (const node of atFirst.rules) attention.markRule(node)
}

/** Whether the event was any concern of the predicate. */
function observe(draft: Draft, { evaluator, place, lists }: BaseNode, observation: Observation): boolean {
  return evaluator.observe(writePage(draft, place.page), lists === 0 ? NO_LISTS : writeLists(draft, place.list + lists), observation, draft)
}

const NO_LISTS: never[] = []

/** Time has passed up to `at`: everything that was due by then changes at its own moment. */
export function applyTick(definition: CompiledDefinition, draft: Draft, at: number, now: number): void {
  draft.freshFrom = now - definition.staleAfter
  catchUp(definition, draft, at, (wake) => Math.max(wake, now))
  moveTo(draft, at)
}

function catchUp(definition: CompiledDefinition, draft: Draft, until: number, decidedAt: (wake: number) => number): void {
  draft.cause = undefined
  for (;;) {
    const wake = nextWake(draft)
    if (wake === NEVER || wake > until) return
    const at = Math.max(wake, asOf(draft))
    moveTo(draft, at)
    const attention = definition.attention.clear()
    due(definition, draft, attention, at)
    settle(definition, draft, attention, at, decidedAt(at))
  }
}

function moveTo(draft: Draft, at: number): void {
  if (at < asOf(draft) || (at === asOf(draft) && draft.tie === LAST)) return
  writePage(draft, 0)[AS_OF] = at
  draft.tie = LAST
}

/** Marks what time alone may have changed by `at`. */
function due({ timed }: CompiledDefinition, draft: Draft, attention: Attention, at: number): void {
  for (let page = 0; page < timed.length; page += 1) {
    if (wakeOf(draft, page) > at) continue
    const { base, inSegment } = timed[page] as CompiledDefinition['timed'][number]
    const cells = pageOf(draft, page)
    for (const node of base) if ((cells[node.place.timer] as number) <= at) attention.base.add(node)
    for (const node of inSegment) if ((cells[node.place.timer] as number) <= at) attention.markDerived(node)
  }
}

/** Takes the profile's own facts from an event: who it is, what is said of them, what they agree to. */
function learn(definition: CompiledDefinition, draft: Draft, event: CanonicalEvent): void {
  if (event.userId !== undefined && event.userId !== draft.userId && (draft.userId !== undefined || event.userId !== draft.id)) draft.userId = event.userId
  if (event.type === 'identify') draft.traits = { ...draft.traits, ...event.traits }
  if (event.context['consent'] !== undefined) {
    const consent = consentIn(event, definition.governance.consent)
    if (consent !== undefined) draft.consent = { ...draft.consent, ...consent }
  }
  const { timezone } = event.context
  if (typeof timezone === 'string' && timezone !== draft.timezone) draft.timezone = timezone
}
