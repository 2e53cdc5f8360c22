import type { Condition, Did, EventMatch, PropertyTest } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Json } from '../src/json.ts'

/** What a condition means, written down a second time with nothing but loops over the whole history, to hold the engine to. */

export type Answer = 'yes' | 'no' | 'unknown'

const SESSION_GAP = 30 * 60_000
const DAY = 86_400_000

/** `history` in any order; only what happened up to `at` counts. */
export function naive(condition: Condition, history: readonly CanonicalEvent[], at: number): Answer {
  const events = [...history].sort((a, b) => a.timestamp - b.timestamp || (a.messageId < b.messageId ? -1 : 1)).filter((event) => event.timestamp <= at)
  return answer(condition, events, at)
}

function answer(condition: Condition, events: readonly CanonicalEvent[], at: number): Answer {
  switch (condition.kind) {
    case 'all': {
      const answers = condition.of.map((part) => answer(part, events, at))
      return answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes'
    }
    case 'any': {
      const answers = condition.of.map((part) => answer(part, events, at))
      return answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no'
    }
    case 'not': {
      const inner = answer(condition.of, events, at)
      return inner === 'yes' ? 'no' : inner === 'no' ? 'yes' : 'unknown'
    }
    case 'did':
      return did(condition, events, at)
    case 'sequence':
      return someSequence(condition.steps, events, condition.within ?? Number.POSITIVE_INFINITY) ? 'yes' : 'no'
    case 'inactive': {
      const last = events.filter(isAct).at(-1)
      return last === undefined ? 'unknown' : at - last.timestamp >= condition.for ? 'yes' : 'no'
    }
    case 'trait': {
      const traits: Record<string, Json | undefined> = {}
      for (const event of events) if (event.type === 'identify') Object.assign(traits, event.traits)
      return passes(condition.test, traits[condition.test.property]) ? 'yes' : 'no'
    }
    default:
      throw new Error(`the naive reading has no '${condition.kind}'`)
  }
}

function did(condition: Did, events: readonly CanonicalEvent[], at: number): Answer {
  const { window } = condition
  let from = Number.NEGATIVE_INFINITY
  let to = Number.POSITIVE_INFINITY
  if (window?.anchor !== undefined) {
    const anchor = events.find((event) => matches(window.anchor as EventMatch, event))
    if (anchor === undefined) return 'unknown'
    from = anchor.timestamp
    to = anchor.timestamp + window.length
  } else if (window !== undefined) from = at - window.length + 1
  const inWindow = events.filter((event) => matches(condition, event) && event.timestamp >= from && event.timestamp < to)
  const reached = enough(condition, inWindow, events)

  const open = window?.anchor !== undefined && at < to
  if (condition.compare === 'atLeast') return reached ? 'yes' : open ? 'unknown' : 'no'
  if (!reached) return 'no'
  const isYoung = window !== undefined && window.anchor === undefined && at < (events[0]?.timestamp ?? at) + window.length
  return open || isYoung ? 'unknown' : 'yes'
}

function enough(condition: Did, inWindow: readonly CanonicalEvent[], events: readonly CanonicalEvent[]): boolean {
  const { measure } = condition
  const counted = inWindow.filter((event) => {
    if (measure.of === 'count') return true
    const value = event.properties[measure.property] ?? null
    return measure.of === 'sum' ? typeof value === 'number' : value !== null
  })
  let amount = counted.length
  if (measure.of === 'distinct') amount = new Set(counted.map((event) => JSON.stringify(event.properties[measure.property]))).size
  if (measure.of === 'sum') amount = counted.reduce((sum, event) => sum + (event.properties[measure.property] as number), 0)
  if (condition.compare === 'atMost') return amount <= condition.value
  const units = new Set(counted.map((event) => (condition.across?.unit === 'days' ? Math.floor(event.timestamp / DAY) : sessionOf(event, events))))
  return amount >= condition.value && units.size >= (condition.across?.count ?? 0)
}

function sessionOf(event: CanonicalEvent, events: readonly CanonicalEvent[]): number {
  const times = events.filter(isAct).map((other) => other.timestamp)
  let session = 0
  for (let index = 0; index < times.length && (times[index] as number) <= event.timestamp; index += 1) {
    if (index === 0 || (times[index] as number) - (times[index - 1] as number) > SESSION_GAP) session += 1
  }
  return session
}

/** Tries every way to pick one event per step. */
function someSequence(steps: readonly EventMatch[], events: readonly CanonicalEvent[], within: number): boolean {
  const search = (step: number, from: number, start: number): boolean =>
    step === steps.length ||
    events.some((event, index) => {
      if (index < from || !matches(steps[step] as EventMatch, event)) return false
      const began = step === 0 ? event.timestamp : start
      return event.timestamp - began < within && search(step + 1, index + 1, began)
    })
  return search(0, 0, 0)
}

function isAct(event: CanonicalEvent): boolean {
  return ['track', 'page', 'screen'].includes(event.type)
}

function matches(match: EventMatch, event: CanonicalEvent): boolean {
  return event.type === 'track' && event.event === match.event && match.where.every((test) => passes(test, event.properties[test.property]))
}

function passes(test: PropertyTest, value: Json | undefined): boolean {
  const there = value !== undefined && value !== null
  const operand = test.value as never
  switch (test.is) {
    case 'eq':
      return there && value === operand
    case 'ne':
      return value !== operand
    case 'in':
      return there && (operand as readonly Json[]).includes(value)
    case 'exists':
      return there === operand
    case 'contains':
      return there && (value as string).includes(operand)
    case 'gt':
      return typeof value === typeof operand && (value as number) > operand
    case 'gte':
      return typeof value === typeof operand && (value as number) >= operand
    case 'lt':
      return typeof value === typeof operand && (value as number) < operand
    case 'lte':
      return typeof value === typeof operand && (value as number) <= operand
  }
}
