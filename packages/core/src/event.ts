import { isObject, type JsonObject } from './json.ts'
import { createBan, withoutNobody } from './nobody.ts'

export const EVENT_TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** The canonical event: the Segment spec's message, with times in epoch milliseconds. One JSON object a line is the file format. */
export interface CanonicalEvent {
  readonly type: EventType
  /** The event's name; there for `track` only. */
  readonly event?: string
  /** The name of a page or screen. */
  readonly name?: string
  /** Unique within `source`: the second event with the same pair is a duplicate. */
  readonly messageId: string
  readonly userId?: string
  readonly anonymousId?: string
  readonly previousId?: string
  readonly groupId?: string
  /** When it happened. */
  readonly timestamp: number
  /** When the host took it in. */
  readonly receivedAt: number
  readonly properties: JsonObject
  readonly traits: JsonObject
  readonly context: JsonObject
  readonly integrations: JsonObject
  /** What sent it: a write key's name, a plugin, a file. */
  readonly source: string
}

/** What a user does, as against what is said of a user (`identify`, `group`, `alias`). Only activity ends inactivity and makes sessions. */
export function isActivity(event: CanonicalEvent): boolean {
  return event.type === 'track' || event.type === 'page' || event.type === 'screen'
}

export type Parsed<T> =
  /** `leftOut`: ids that stand for nobody and that the value is without, each with the reason. */
  { readonly ok: true; readonly value: T; readonly leftOut?: readonly string[] } | { readonly ok: false; readonly reason: string }

const BAN = createBan()

/**
 * Reads a message of the Segment shape, from the wire or from a file, into a canonical event.
 * Times may be ISO 8601 or epoch milliseconds; a time in the future is taken as `receivedAt`. An id that stands for nobody ('null',
 * all zeros) is left out when the event has another, and the event is refused when it has none. So is one with an id of more than 500
 * characters.
 * A reason comes back, never an exception.
 */
export function parseEvent(raw: unknown, defaults: { source: string; receivedAt: number; messageId?: string }): Parsed<CanonicalEvent> {
  if (!isObject(raw)) return fail('an event is a JSON object')
  const type = raw['type'] as EventType
  if (!EVENT_TYPES.includes(type)) return fail(`type: ${show(raw['type'])} is not one of ${EVENT_TYPES.join(', ')}`)

  for (const field of ['properties', 'traits', 'context', 'integrations'] as const) {
    if (raw[field] !== undefined && raw[field] !== null && !isObject(raw[field])) return fail(`${field}: expected an object`)
  }
  for (const field of ['event', 'name', 'messageId', 'userId', 'anonymousId', 'previousId', 'groupId'] as const) {
    const id = raw[field]
    if (id === undefined || id === null) continue
    if (typeof id !== 'string' && typeof id !== 'number') return fail(`${field}: expected a string`)
  }
  const userId = text(raw['userId'])
  const anonymousId = text(raw['anonymousId'])
  const previousId = text(raw['previousId'])
  for (const field of ['userId', 'anonymousId', 'previousId'] as const) {
    const id = text(raw[field])
    if (id !== undefined && id.length > LONGEST_ID) return fail(`${field}: longer than ${LONGEST_ID} characters`)
  }
  if (userId === undefined && anonymousId === undefined && !(type === 'group')) return fail('no userId and no anonymousId: one of them is needed')
  if (userId?.startsWith(ANONYMOUS)) return fail(`userId: '${ANONYMOUS}' is reserved for anonymous profiles`)
  const event = text(raw['event'])
  if (type === 'track' && event === undefined) return fail('event: a track event needs a name')
  const messageId = text(raw['messageId']) ?? defaults.messageId
  if (messageId === undefined) return fail('messageId: missing')

  const timestamp = time(raw['timestamp'], defaults.receivedAt)
  if (timestamp === undefined) return fail(`timestamp: ${show(raw['timestamp'])} is not a time`)
  const name = text(raw['name'])
  const groupId = text(raw['groupId'])
  const read: CanonicalEvent = {
    type,
    ...(type === 'track' && event !== undefined ? { event } : {}),
    ...(name === undefined ? {} : { name }),
    messageId,
    ...(userId === undefined ? {} : { userId }),
    ...(anonymousId === undefined ? {} : { anonymousId }),
    ...(previousId === undefined ? {} : { previousId }),
    ...(groupId === undefined ? {} : { groupId }),
    timestamp: Math.min(timestamp, defaults.receivedAt),
    receivedAt: defaults.receivedAt,
    properties: (raw['properties'] ?? {}) as JsonObject,
    traits: (raw['traits'] ?? {}) as JsonObject,
    context: (raw['context'] ?? {}) as JsonObject,
    integrations: (raw['integrations'] ?? {}) as JsonObject,
    source: defaults.source,
  }
  return withoutNobody(read, BAN)
}

/** In UTF-16 code units. A longer one is nobody's id, and more than databases index. */
const LONGEST_ID = 500

/** What the id of an anonymous visitor's profile begins with. */
export const ANONYMOUS = 'anon:'

function fail(reason: string): { ok: false; reason: string } {
  return { ok: false, reason }
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value)
}

function time(value: unknown, otherwise: number): number | undefined {
  if (value === undefined || value === null || value === '') return otherwise
  const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Math.abs(at) <= LAST_MOMENT ? Math.trunc(at) : undefined
}

/** A `Date` reaches this far from the epoch, in milliseconds. */
const LAST_MOMENT = 8.64e15

function show(value: unknown): string {
  return value === undefined ? 'nothing' : `${JSON.stringify(value)}`.slice(0, 80)
}
