import type { Json, JsonObject } from '@waymark/core'
import { isObject, parseEvent } from '@waymark/core'
import type { EventMapping, Reading } from '@waymark/kit'
import { remapped, sha256, unsafe } from '@waymark/kit'
import { EVENTS_A_REQUEST } from '../limits.ts'
import { CARRIER, fieldsOf, rowOfName, TRACK } from '../mapping.ts'
import type { News } from '../sources/news.ts'
import { personOf } from '../sources/people.ts'
import { contextOf } from './context.ts'
import { HAPPENED_AT, MARK, readMark } from './mark.ts'
import type { StreamKind } from './measurement.ts'

/** What is known about a request besides its body. */
export interface Arrival {
  readonly source: string
  readonly stream: string
  readonly kind: StreamKind
  readonly receivedAt: number
  /** The tag of our own sink. */
  readonly echo?: string | undefined
  /** The tag of a vendor that has the events already, by the mirror. */
  readonly mirrored?: string | undefined
  readonly mapping?: EventMapping | undefined
  readonly news: News
  id(): string
}

/** Microseconds a millisecond. */
const MICROS = 1000

/** Reads a request of the Measurement Protocol; one reading for each event, and those that its user properties stand for. Never throws. */
export function fromMeasurement(body: Record<string, unknown>, arrival: Arrival): readonly Reading[] {
  const danger = unsafe(body)
  if (danger !== undefined) return [{ kind: 'rejected', reason: danger, raw: gist(body) }]
  const events: readonly unknown[] = Array.isArray(body['events']) ? body['events'] : []
  const instance = id(arrival.kind === 'app' ? body['app_instance_id'] : body['client_id'])
  const userId = id(body['user_id'])
  const requested = millis(body['timestamp_micros'])
  const context = contextOf(body, arrival, instance)
  const ids: Record<string, Json> = { ...(userId === undefined ? {} : { userId }), ...(instance === undefined ? {} : { anonymousId: instance }) }
  const seen = new Map<string, number>()

  const finish = (raw: Record<string, unknown>): Reading => {
    const parsed = parseEvent(raw, arrival)
    if (!parsed.ok) return { kind: 'rejected', reason: parsed.reason, raw }
    return remapped({ kind: 'event', event: parsed.value, ...(parsed.leftOut === undefined ? {} : { leftOut: parsed.leftOut }) }, arrival.mapping)
  }

  const own = events.map((event, index): Reading => {
    if (index >= EVENTS_A_REQUEST) return { kind: 'rejected', reason: `a request may have ${EVENTS_A_REQUEST} events; send this one in another`, raw: event }
    if (!isObject(event) || typeof event['name'] !== 'string' || event['name'] === '')
      return { kind: 'rejected', reason: 'name: an event needs one', raw: event }
    const name = event['name']
    if (event['params'] !== undefined && !isObject(event['params'])) return { kind: 'rejected', reason: 'params: expected an object', raw: event }
    const { [MARK]: marked, [HAPPENED_AT]: happenedAt, ...params } = (event['params'] ?? {}) as Record<string, unknown>
    const mark = readMark(marked)
    if (mark !== undefined && (name === CARRIER || (arrival.echo !== undefined && mark.through.includes(arrival.echo)))) return { kind: 'ignored' }
    const stated = millis(event['timestamp_micros']) ?? requested
    const row = rowOf(name, params)
    const key = JSON.stringify([arrival.stream, ids, name, params, event['timestamp_micros'] ?? body['timestamp_micros']])
    const ordinal = seen.get(key) ?? 0
    seen.set(key, ordinal + 1)
    return finish({
      type: row.type,
      ...(row.type === 'track' ? { event: name } : {}),
      ...fieldsOf(params, row),
      ...ids,
      // A sender that repeats a request repeats its times; where none are given, two alike may be two that happened.
      messageId: mark?.id ?? (stated === undefined ? arrival.id() : sha256(`${key}${ordinal}`)),
      timestamp: mark !== undefined && typeof happenedAt === 'number' ? happenedAt : (stated ?? arrival.receivedAt),
      context: { ...context, ...throughOf([...(mark?.through ?? []), ...(arrival.mirrored === undefined ? [] : [arrival.mirrored])]) },
    })
  })

  const { traits, setAt } = traitsIn(body['user_properties'])
  const timestamp = setAt ?? requested ?? millis(isObject(events[0]) ? events[0]['timestamp_micros'] : undefined)
  const person = personOf(
    {
      stream: arrival.stream,
      instance,
      userId,
      traits,
      setAt: timestamp,
      timestamp: timestamp ?? arrival.receivedAt,
      context: { ...context, ...throughOf(arrival.mirrored === undefined ? [] : [arrival.mirrored]) },
    },
    arrival.news,
    arrival.id,
  )
  return [...person.map(finish), ...own]
}

/** A group without an id is none. */
function rowOf(name: string, params: Record<string, unknown>): typeof TRACK {
  const row = rowOfName(name)
  return row === undefined || (row.type === 'group' && !['string', 'number'].includes(typeof params['group_id'])) ? TRACK : row
}

function traitsIn(properties: unknown): { readonly traits: JsonObject; readonly setAt: number | undefined } {
  if (!isObject(properties)) return { traits: {}, setAt: undefined }
  const stated = Object.entries(properties).flatMap(([name, property]) =>
    isObject(property) && property['value'] !== undefined ? [[name, property] as const] : [],
  )
  const times = stated.flatMap(([, property]) => millis(property['timestamp_micros']) ?? [])
  return { traits: Object.fromEntries(stated.map(([name, { value }]) => [name, value as Json])), setAt: times.length === 0 ? undefined : Math.max(...times) }
}

function throughOf(tags: readonly string[]): JsonObject {
  return tags.length === 0 ? {} : { waymark: { through: [...new Set(tags)] } }
}

function millis(micros: unknown): number | undefined {
  const value = typeof micros === 'string' && micros !== '' ? Number(micros) : micros
  return typeof value === 'number' && Number.isFinite(value) ? Math.floor(value / MICROS) : undefined
}

function id(value: unknown): string | undefined {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined
}

/** What tells a request apart that cannot be kept whole. */
function gist(body: Record<string, unknown>): Record<string, unknown> {
  const ids = ['app_instance_id', 'client_id', 'user_id'].flatMap((field) => (typeof body[field] === 'string' ? [[field, body[field].slice(0, 200)]] : []))
  return Object.fromEntries(ids) as Record<string, unknown>
}
