import type { CanonicalEvent, EventType, Parsed } from '@waymark/core'
import { at, jsonBytes, moment, sanitize, tagOf, withTag } from '@waymark/kit'
import { outgoingMessageId } from './ids.ts'
import { EVENT_BYTES } from './limits.ts'
import { CARRIES } from './mapping.ts'

/** Room for what the SDK adds to each event: its own name and version, and those of its runtime. */
const ADDED_BYTES = 512

/** One call of the SDK: `analytics.track(parameters)`. */
export interface Call {
  readonly method: EventType
  readonly parameters: Readonly<Record<string, unknown>> & { readonly messageId: string }
  readonly bytes: number
}

/** Turns an event into a call that Segment takes, or says why there is none. */
export function toSegment(event: CanonicalEvent, writeKey: string): Parsed<Call> {
  if (moment(event.timestamp) === undefined) return { ok: false, reason: `timestamp: ${event.timestamp} is not a time` }
  const { context, integrations, ...rest } = sanitize(event)
  const own = Object.entries(CARRIES[event.type]).map(([field, path]) => [field, at(rest, path)] as const)
  const messageId = outgoingMessageId(event, writeKey)
  const parameters: Record<string, unknown> & { messageId: string } = {
    ...Object.fromEntries(own.filter(([field, value]) => value !== undefined && (field !== 'category' || typeof value === 'string'))),
    ...(event.userId === undefined ? {} : { userId: rest['userId'] }),
    ...(event.anonymousId === undefined ? {} : { anonymousId: rest['anonymousId'] }),
    messageId,
    timestamp: new Date(event.timestamp),
    context: withTag((context ?? {}) as CanonicalEvent['context'], tagOf(writeKey)),
    integrations: integrations ?? {},
  }
  if (event.type === 'alias') parameters['previousId'] ??= parameters['anonymousId']
  const missing = missingId(event.type, parameters)
  if (missing !== undefined) return { ok: false, reason: missing }
  const bytes = jsonBytes(parameters) + ADDED_BYTES
  // The SDK's own measure lets more than this pass, and Segment then refuses everything sent with it.
  if (bytes > EVENT_BYTES) return { ok: false, reason: `it has ${bytes} bytes as Segment would get it; Segment takes ${EVENT_BYTES}` }
  return { ok: true, value: { method: event.type, parameters, bytes } }
}

function missingId(type: EventType, parameters: Readonly<Record<string, unknown>>): string | undefined {
  if (type === 'alias' && parameters['userId'] === undefined) return 'userId: an alias needs the id that stays'
  if (type === 'alias' && parameters['previousId'] === undefined) return 'previousId: an alias needs the id it replaces'
  if (type === 'group' && parameters['groupId'] === undefined) return 'groupId: a group event needs one'
  if (type === 'group') return undefined
  return parameters['userId'] === undefined && parameters['anonymousId'] === undefined ? 'no userId and no anonymousId: Segment needs one of them' : undefined
}
