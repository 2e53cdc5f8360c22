import { ANY_ACTIVITY, type Did, type EventMatch, type Measure, type Occurrence, type PropertyTest, type Sequence } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Json } from '../src/json.ts'

/** What conditions without conditions inside mean, with nothing but loops over all that has happened. `events` are in order. */

export type Answer = 'yes' | 'no' | 'unknown'
type Events = readonly CanonicalEvent[]

const DAY = 86_400_000

export function did(condition: Did, events: Events, at: number, sessionGap: number): Answer {
  const { window } = condition
  const span = spanOf(condition, events, at)
  if (span === undefined) return 'unknown'
  const reached = enough(condition, counted(condition, events, span), events, sessionGap)

  const open = window?.anchor !== undefined && at < span.to
  if (condition.compare === 'atLeast') return reached ? 'yes' : open ? 'unknown' : 'no'
  if (!reached) return 'no'
  const isYoung = window !== undefined && window.anchor === undefined && at < (events[0]?.timestamp ?? at) + window.length
  return open || isYoung ? 'unknown' : 'yes'
}

/** How much of it was done, however much is asked for. */
export function amountOf(condition: Did, events: Events, at: number, sessionGap: number): number {
  const span = spanOf(condition, events, at)
  if (span === undefined) return 0
  const some = counted(condition, events, span)
  if (condition.measure.of !== 'sum') return unitsOf(condition.measure, some, events, sessionGap)
  const sum = sumOf(condition.measure, some)
  const millionths = ((sum % 1_000_000n) + 1_000_000n) % 1_000_000n
  return Number((sum - millionths) / 1_000_000n) + Number(millionths) / 1e6
}

/** From the one moment to before the other. */
interface Span {
  readonly from: number
  readonly to: number
}

/** Undefined while what opens it has not happened. */
function spanOf({ window }: Did, events: Events, at: number): Span | undefined {
  if (window === undefined) return { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  const { anchor, length } = window
  if (anchor === undefined) return { from: at - length + 1, to: Number.POSITIVE_INFINITY }
  const opener = anchor === 'firstSeen' ? events[0] : events.find((event) => matches(anchor, event))
  return opener === undefined ? undefined : { from: opener.timestamp, to: opener.timestamp + length }
}

/** The matching events that have what is measured. */
export function counted(condition: Did, events: Events, { from, to }: Span): Events {
  const { measure } = condition
  return events.filter((event) => {
    if (event.timestamp < from || event.timestamp >= to || !matches(condition, event)) return false
    const value = read(measure, event)
    if (measure.of === 'sum') return typeof value === 'number' && Math.abs(value) <= 1e12
    return measure.of === 'distinct' ? value !== null : true
  })
}

function read(measure: Measure, event: CanonicalEvent): Json {
  return 'property' in measure ? (event.properties[measure.property] ?? null) : null
}

function sumOf(measure: Measure, some: Events): bigint {
  return some.reduce((total, event) => total + micro(read(measure, event) as number), 0n)
}

function unitsOf(measure: Measure, some: Events, events: Events, sessionGap: number): number {
  if (measure.of === 'count') return some.length
  return new Set(
    some.map((event) => {
      if (measure.of === 'sessions') return sessionOf(event, events, sessionGap)
      return measure.of === 'days' ? Math.floor(event.timestamp / DAY) : JSON.stringify(read(measure, event))
    }),
  ).size
}

function enough({ measure, compare, value, across = {} }: Did, some: Events, events: Events, sessionGap: number): boolean {
  const units = (of: Measure) => unitsOf(of, some, events, sessionGap)
  const isSum = measure.of === 'sum'
  const amount = isSum ? sumOf(measure, some) : units(measure)
  const asked = isSum ? micro(value) : value
  if (compare === 'atMost') return amount <= asked
  if (amount < asked || (across.sessions !== undefined && units({ of: 'sessions' }) < across.sessions)) return false
  return across.days === undefined || units({ of: 'days' }) >= across.days
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

export function matches(match: EventMatch, event: CanonicalEvent): boolean {
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
