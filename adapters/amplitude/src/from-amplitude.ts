import type { CanonicalEvent } from '@waymark/core'
import { isObject, parseEvent } from '@waymark/core'
import { at, moment, type Reading, sha256, unsafe } from '@waymark/kit'
import { contextOf } from './from-context.ts'
import { sinksOf } from './library.ts'
import { EVENT, isAutomatic, NAMED, PAGE, REVENUE, SCREEN } from './mapping.ts'
import { fromOperations } from './operations.ts'
import { type Fault, idsOf } from './wire-ids.ts'

/** What is known of an event from the request or file it came in. */
export interface Arrival {
  readonly source: string
  readonly receivedAt: number
  /** Milliseconds that the sender's clock is behind ours. Default 0. */
  readonly skew?: number
  /** What `$remote` stands for. */
  readonly ip?: string | undefined
  /** Ids shorter than this stand for nobody. Default 1. */
  readonly minIdLength?: number
  /** Amplitude's name for the kind of group that `groupId` is of. */
  readonly groupType: string
  /** The tag of our own sink. */
  readonly echo?: string | undefined
  /** `user_properties` are how the user stood by then, not what the event changed. */
  readonly snapshot?: boolean
  /** An id for an event without one. */
  id(): string
}

/** What one event of Amplitude's is here: none, one or several; and why it is none, as Amplitude tells senders. */
export interface Found {
  readonly readings: readonly Reading[]
  readonly fault?: Fault
}

type Draft = Partial<CanonicalEvent> & Pick<CanonicalEvent, 'type'>

/** Reads one event as Amplitude's SDKs send it. A reason comes back, never an exception. */
export function fromAmplitude(wire: unknown, arrival: Arrival): Found {
  const danger = isObject(wire) ? unsafe(wire) : 'an event is a JSON object'
  if (danger !== undefined || !isObject(wire)) return fail({ kind: 'invalid', field: 'event', reason: danger ?? '' }, gist(wire))
  const echoed = sinksOf(wire['library'])
  if (arrival.echo !== undefined && echoed.includes(arrival.echo)) return { readings: [{ kind: 'ignored' }] }
  const shape = shapeFault(wire)
  if (shape !== undefined) return fail(shape, wire)
  const ids = idsOf(wire, arrival.minIdLength ?? 1)
  if ('kind' in ids) return fail(ids, wire)
  const time = timeOf(wire, arrival)
  if (time === undefined) return fail({ kind: 'invalid', field: 'time', reason: `time: ${JSON.stringify(wire['time'])} is not epoch milliseconds` }, wire)

  const context = { ...contextOf(wire, arrival.ip), ...(echoed.length === 0 ? {} : { waymark: { through: echoed } }) }
  const insertId = wire[EVENT['messageId']!]
  const messageId = isId(insertId) ? String(insertId) : wire['time'] === undefined ? arrival.id() : sha256(JSON.stringify(wire))
  const drafts = draftsOf(wire, arrival)
  const readings = drafts.map((draft, index): Reading => {
    const whole = { ...ids.own, timestamp: time, ...draft, context: { ...context, ...draft.context }, messageId: suffixed(messageId, index) }
    const parsed = parseEvent(whole, arrival)
    if (!parsed.ok) return { kind: 'rejected', reason: parsed.reason, raw: wire }
    const leftOut = [...ids.leftOut, ...(parsed.leftOut ?? [])]
    return { kind: 'event', event: parsed.value, ...(leftOut.length === 0 ? {} : { leftOut }) }
  })
  const broken = readings.find((reading) => reading.kind === 'rejected')
  if (broken === undefined) return { readings }
  return fail({ kind: 'invalid', field: 'user_id', reason: broken.reason }, wire)
}

function draftsOf(wire: Record<string, unknown>, arrival: Arrival): readonly Draft[] {
  const name = String(wire['event_type'])
  const groups = pairsOf(wire['groups'])
  const properties = objectOf(wire['user_properties'])
  if (name === NAMED.group) {
    const { traits, more } = fromOperations(objectOf(wire['group_properties']))
    return groups.map((group) => ({ ...groupDraft(group, arrival.groupType, more), traits: traits as CanonicalEvent['traits'] }))
  }
  const said = identifyDraft(arrival.snapshot === true && name !== NAMED.identify ? {} : properties, groups)
  if (name !== NAMED.identify) return [activityDraft(name, wire, arrival.groupType), ...said]
  const joined = groups.map((group) => groupDraft(group, arrival.groupType, {}))
  return joined.length + said.length > 0 ? [...joined, ...said] : [{ type: 'identify' }]
}

/** What the user does. */
function activityDraft(name: string, wire: Record<string, unknown>, groupType: string): Draft {
  const type = name === NAMED.page ? 'page' : name === NAMED.screen ? 'screen' : 'track'
  const sent = { ...objectOf(wire['event_properties']) }
  const properties: Record<string, unknown> = {}
  let title: unknown
  if (type !== 'track') {
    for (const [ours, theirs] of Object.entries(type === 'page' ? PAGE : SCREEN)) {
      const value = sent[theirs]
      if (value === undefined || (ours === 'name' && !isId(value))) continue
      delete sent[theirs]
      if (ours === 'name') title = value
      else properties[ours] = value
    }
  }
  for (const [ours, theirs] of [...Object.entries(REVENUE), ['price', 'price'], ['quantity', 'quantity']] as const) {
    const value = wire[theirs]
    if (value !== undefined && value !== null && sent[ours] === undefined) properties[ours] = value
  }
  const groups = objectOf(wire['groups'])
  const only = Object.keys(groups).length === 1 && isId(groups[groupType]) ? String(groups[groupType]) : undefined
  const context = {
    ...(isAutomatic(name) ? { auto: true } : {}),
    ...(only === undefined && Object.keys(groups).length > 0 ? { groups } : {}),
  }
  return {
    type,
    ...(type === 'track' ? { event: name } : {}),
    ...(title === undefined ? {} : { name: String(title) }),
    ...(only === undefined ? {} : { groupId: only }),
    properties: { ...sent, ...properties } as CanonicalEvent['properties'],
    context: context as CanonicalEvent['context'],
  }
}

/** What is said of the user; nothing where it is only which groups the user is in, as `setGroup` writes it among the properties too. */
function identifyDraft(properties: Record<string, unknown>, groups: readonly Group[]): readonly Draft[] {
  const { traits, more } = fromOperations(properties)
  const isMembership = (key: string, value: unknown) =>
    groups.some(([type]) => type === key) &&
    same(
      value,
      groups.filter(([type]) => type === key).map(([, id]) => id),
    )
  const own = Object.fromEntries(Object.entries(traits).filter(([key, value]) => !isMembership(key, value)))
  if (Object.keys(own).length === 0 && Object.keys(more).length === 0) return []
  const context = Object.keys(more).length === 0 ? {} : { amplitude: { operations: more } }
  return [{ type: 'identify', traits: own as CanonicalEvent['traits'], context: context as CanonicalEvent['context'] }]
}

function groupDraft([type, groupId]: Group, groupType: string, more: Record<string, unknown>): Draft {
  const context = { ...(type === groupType ? {} : { groupType: type }), ...(Object.keys(more).length === 0 ? {} : { amplitude: { operations: more } }) }
  return { type: 'group', groupId, context: context as CanonicalEvent['context'] }
}

/** A kind of group and one of its groups. */
type Group = readonly [type: string, id: string]

function pairsOf(groups: unknown): readonly Group[] {
  return Object.entries(objectOf(groups)).flatMap(([type, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isId).map((id): Group => [type, String(id)]),
  )
}

function same(value: unknown, ids: readonly string[]): boolean {
  const values = Array.isArray(value) ? value : [value]
  return values.length === ids.length && values.every((one, index) => String(one) === ids[index])
}

function timeOf(wire: Record<string, unknown>, { receivedAt, skew = 0 }: Arrival): number | undefined {
  const time = wire[EVENT['timestamp']!]
  if (time === undefined || time === null) return receivedAt
  return typeof time === 'number' ? moment(time + skew) : undefined
}

function shapeFault(wire: Record<string, unknown>): Fault | undefined {
  const name = wire['event_type']
  if (name === undefined || name === null || name === '') return { kind: 'missing', field: 'event_type', reason: 'event_type: an event needs a name' }
  if (typeof name !== 'string') return { kind: 'invalid', field: 'event_type', reason: 'event_type: expected text' }
  const field = ['event_properties', 'user_properties', 'groups', 'group_properties'].find(
    (one) => wire[one] !== undefined && wire[one] !== null && !isObject(wire[one]),
  )
  if (field !== undefined) return { kind: 'invalid', field, reason: `${field}: expected an object` }
  if (name === NAMED.group && pairsOf(wire['groups']).length === 0) return { kind: 'missing', field: 'groups', reason: `groups: ${NAMED.group} needs a group` }
  return undefined
}

function fail(fault: Fault, raw: unknown): Found {
  return { readings: [{ kind: 'rejected', reason: fault.reason, raw }], fault }
}

/** The drafts of one event share its id, each with its place behind it. */
function suffixed(messageId: string, index: number): string {
  return index === 0 ? messageId : `${messageId}:${index}`
}

/** What tells an event apart, where the whole of it cannot be kept. */
function gist(wire: unknown): unknown {
  const kept = ['event_type', 'user_id', 'device_id', 'insert_id', 'time'].flatMap((field) => {
    const value = at(wire, field)
    return isId(value) ? [[field, String(value).slice(0, 200)]] : []
  })
  return isObject(wire) ? Object.fromEntries(kept) : typeof wire
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function isId(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}
