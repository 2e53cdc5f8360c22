import { ANY_ACTIVITY, type Did, type EventMatch, type Occurrence, type PropertyTest, type Sequence } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Json } from '../src/json.ts'

/** What conditions without conditions inside mean, with nothing but loops over all that has happened. `events` are in order. */

export type Answer = 'yes' | 'no' | 'unknown'
type Events = readonly CanonicalEvent[]

const DAY = 86_400_000

export function did(condition: Did, events: Events, at: number, sessionGap: number): Answer {
  const { window } = condition
  let from = Number.NEGATIVE_INFINITY
  let to = Number.POSITIVE_INFINITY
  if (window?.anchor !== undefined) {
    const { anchor } = window
    const opener = anchor === 'firstSeen' ? events[0] : events.find((event) => matches(anchor, event))
    if (opener === undefined) return 'unknown'
    from = opener.timestamp
    to = opener.timestamp + window.length
  } else if (window !== undefined) from = at - window.length + 1
  const inWindow = events.filter((event) => matches(condition, event) && event.timestamp >= from && event.timestamp < to)
  const reached = enough(condition, inWindow, events, sessionGap)

  const open = window?.anchor !== undefined && at < to
  if (condition.compare === 'atLeast') return reached ? 'yes' : open ? 'unknown' : 'no'
  if (!reached) return 'no'
  const isYoung = window !== undefined && window.anchor === undefined && at < (events[0]?.timestamp ?? at) + window.length
  return open || isYoung ? 'unknown' : 'yes'
}

function enough({ measure, compare, value, across }: Did, inWindow: Events, events: Events, sessionGap: number): boolean {
  const read = (event: CanonicalEvent) => ('property' in measure ? (event.properties[measure.property] ?? null) : null)
  const counted = inWindow.filter((event) => {
    if (measure.of === 'sum') return typeof read(event) === 'number' && Math.abs(read(event) as number) <= 1e12
    return measure.of === 'distinct' ? read(event) !== null : true
  })
  const sessions = new Set(counted.map((event) => sessionOf(event, events, sessionGap))).size
  const days = new Set(counted.map((event) => Math.floor(event.timestamp / DAY))).size
  if (measure.of === 'sum') {
    const sum = counted.reduce((total, event) => total + micro(read(event) as number), 0n)
    if (compare === 'atMost') return sum <= micro(value)
    return sum >= micro(value) && sessions >= (across?.sessions ?? 0) && days >= (across?.days ?? 0)
  }
  const distinct = new Set(counted.map((event) => JSON.stringify(read(event)))).size
  const amount = { count: counted.length, distinct, sessions, days }[measure.of]
  if (compare === 'atMost') return amount <= value
  return amount >= value && sessions >= (across?.sessions ?? 0) && days >= (across?.days ?? 0)
}

/** Millionths, half away from zero, of the number as its decimal digits are written in JSON. */
export function micro(value: number): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  const digits = BigInt(whole + fraction)
  const shift = Number(exponent) - fraction.length + 6
  const unit = 10n ** BigInt(Math.abs(shift))
  const size = shift >= 0 ? digits * unit : (2n * digits + unit) / (2n * unit)
  return sign === '-' ? -size : size
}

function sessionOf(event: CanonicalEvent, events: Events, gap: number): number {
  const times = events.filter(isAct).map((other) => other.timestamp)
  let session = 0
  for (let index = 0; index < times.length && (times[index] as number) <= event.timestamp; index += 1) {
    if (index === 0 || (times[index] as number) - (times[index - 1] as number) > gap) session += 1
  }
  return session
}

/** Tries every way to pick one event per step. */
export function someSequence({ steps, within = Number.POSITIVE_INFINITY, without = [] }: Sequence, events: Events): boolean {
  const search = (step: number, previous: number, start: number): boolean =>
    step === steps.length ||
    events.some((event, index) => {
      if (index <= previous || !matches(steps[step] as EventMatch, event)) return false
      const between = step === 0 ? [] : events.slice(previous + 1, index)
      if (without.some((exclusion) => exclusion.after === step - 1 && between.some((other) => matches(exclusion, other)))) return false
      const began = step === 0 ? event.timestamp : start
      return event.timestamp - began < within && search(step + 1, index, began)
    })
  return search(0, -1, 0)
}

export function occurrence({ which, match, test }: Occurrence, events: Events): boolean {
  const matching = events.filter((event) => matches(match, event))
  const event = which === 'first' ? matching[0] : matching.at(-1)
  return event !== undefined && passes(test, event.properties[test.property])
}

export function isAct(event: CanonicalEvent): boolean {
  return ['track', 'page', 'screen'].includes(event.type)
}

function matches(match: EventMatch, event: CanonicalEvent): boolean {
  const named = match.event === ANY_ACTIVITY ? isAct(event) : event.type === 'track' && event.event === match.event
  return named && match.where.every((test) => passes(test, event.properties[test.property]))
}

export function passes(test: PropertyTest, value: Json | undefined): boolean {
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
