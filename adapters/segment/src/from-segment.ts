import type { EventType } from '@waymark/core'
import { isObject, parseEvent } from '@waymark/core'
import type { Reading } from '@waymark/kit'
import { at, jsonBytes, moment, onOurClock, tagsOf, unsafe } from '@waymark/kit'
import { withConsent } from './consent.ts'
import { shortMessageId } from './ids.ts'
import { EVENT_BYTES } from './limits.ts'
import { ALSO_AT } from './mapping.ts'

/** What is known about a message from the request it came in. */
export interface Arrival {
  readonly source: string
  readonly receivedAt: number
  /** From an endpoint that takes one kind only: it wins over the message's own. */
  readonly type?: EventType
  /** When the sender's clock says the request left. */
  readonly sentAt?: number | undefined
  /** What the request says for all of its messages. */
  readonly context?: Record<string, unknown> | undefined
  readonly integrations?: Record<string, unknown> | undefined
  /** Bytes that the two above add to each message. */
  readonly commonBytes?: number
  /** False when the whole request is too small to hold a message that is too large. */
  readonly measure: boolean
  /** The tag of our own sink. */
  readonly echo?: string | undefined
  /** A message id for messages without one. */
  id(): string
}

/** Reads one message as Segment's SDKs send it. A reason comes back, never an exception. */
export function fromSegment(message: unknown, arrival: Arrival): Reading {
  if (!isObject(message)) return { kind: 'rejected', reason: 'an event is a JSON object', raw: message }
  const danger = unsafe(message) ?? tooLarge(message, arrival)
  if (danger !== undefined) return { kind: 'rejected', reason: danger, raw: gist(message) }
  const raw = { ...message }
  delete raw['writeKey']
  const reject = (reason: string): Reading => ({ kind: 'rejected', reason, raw })

  for (const field of ['event', 'name', 'messageId', 'category'] as const) {
    if (typeof raw[field] === 'object' && raw[field] !== null) return reject(`${field}: expected a string`)
  }
  if (arrival.echo !== undefined && tagsOf(raw['context']).includes(arrival.echo)) return { kind: 'ignored' }
  const complete = withElsewhere({
    ...raw,
    ...(arrival.type === undefined ? {} : { type: arrival.type }),
    context: withConsent(under(raw['context'], arrival.context), under(raw['integrations'], arrival.integrations)),
    integrations: under(raw['integrations'], arrival.integrations),
  })

  const { type, userId, previousId, groupId } = complete
  if (type === 'alias' && isId(previousId) && isId(userId) && String(userId) === String(previousId)) return { kind: 'ignored' }
  if (type === 'alias' && !isId(previousId)) return reject('previousId: an alias needs the id it replaces')
  if (type === 'group' && !isId(groupId)) return reject('groupId: a group event needs one')

  const time = timeOf(complete, arrival)
  if (typeof time === 'object') return reject(time.reason)
  const messageId = isId(raw['messageId']) ? shortMessageId(String(raw['messageId'])) : arrival.id()
  const parsed = parseEvent({ ...complete, messageId, timestamp: time }, arrival)
  if (!parsed.ok) return reject(parsed.reason)
  return { kind: 'event', event: parsed.value, ...(parsed.leftOut === undefined ? {} : { leftOut: parsed.leftOut }) }
}

function timeOf(message: Record<string, unknown>, arrival: Arrival): number | { reason: string } {
  const stated = message['timestamp']
  if (stated === undefined || stated === null || stated === '') return arrival.receivedAt
  const timestamp = moment(stated)
  if (timestamp === undefined) return { reason: `timestamp: ${JSON.stringify(stated).slice(0, 80)} is not a time` }
  // A message that a server has stamped once is right already, and its own sentAt is that of its first journey.
  const own = message['originalTimestamp'] === undefined ? moment(message['sentAt']) : undefined
  const corrected = onOurClock(timestamp, arrival.sentAt ?? own, arrival.receivedAt)
  return moment(corrected) ?? { reason: 'timestamp: it lies beyond all dates once sentAt is taken into account' }
}

function tooLarge(message: Record<string, unknown>, arrival: Arrival): string | undefined {
  if (!arrival.measure) return undefined
  const bytes = jsonBytes(message) + (arrival.commonBytes ?? 0)
  return bytes > EVENT_BYTES ? `it has ${bytes} bytes; an event may have ${EVENT_BYTES}` : undefined
}

/** The request's value with the message's own on top; anything but an object is left for the parser to judge. */
function under(own: unknown, common: Record<string, unknown> | undefined): unknown {
  if (common === undefined) return own
  if (own === undefined || own === null) return common
  return isObject(own) ? { ...common, ...own } : own
}

function withElsewhere(message: Record<string, unknown>): Record<string, unknown> {
  let complete = message
  for (const [path, others] of Object.entries(ALSO_AT)) {
    if (isId(at(complete, path))) continue
    const found = others.map((other) => at(complete, other)).find(isId)
    if (found === undefined) continue
    const [field, inner] = path.split('.') as [string, string?]
    if (inner === undefined) complete = { ...complete, [field]: found }
    else if (isObject(complete[field] ?? {})) complete = { ...complete, [field]: { ...(complete[field] as object | undefined), [inner]: found } }
  }
  return complete
}

function isId(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}

/** What tells a message apart, where the whole of it cannot be kept. */
function gist(message: Record<string, unknown>): Record<string, unknown> {
  const fields = ['type', 'event', 'name', 'messageId', 'userId', 'anonymousId', 'groupId', 'timestamp']
  const kept = fields.flatMap((field) => {
    const value = message[field]
    if (typeof value === 'string') return [[field, value.slice(0, 200)]]
    return typeof value === 'number' ? [[field, value]] : []
  })
  return Object.fromEntries(kept) as Record<string, unknown>
}
