import { createHash } from 'node:crypto'
import type { CanonicalEvent, JsonObject } from '@waymark/core'
import { isObject } from '@waymark/core'

/** Segment refuses longer ones. */
const LONGEST_MESSAGE_ID = 100

/** An id within Segment's limit: itself, or its SHA-256 in hex when it is too long. */
export function shortMessageId(messageId: string): string {
  return messageId.length <= LONGEST_MESSAGE_ID ? messageId : sha256(messageId)
}

/**
 * The id under which an event goes out. The same at every attempt, so a repeated one counts once; and different for every
 * write key and source, because Segment removes duplicates across all sources of all workspaces together.
 */
export function outgoingMessageId(event: Pick<CanonicalEvent, 'messageId' | 'source'>, writeKey: string): string {
  return sha256(JSON.stringify([writeKey, event.source, event.messageId]))
}

/** What a sink writes on its events, to know them again. It does not give the key away. */
export function tagOf(writeKey: string): string {
  return sha256(JSON.stringify(['waymark', writeKey])).slice(0, 16)
}

/** The sinks an event has been through. All are kept, so that a longer way round is noticed too. */
export function tagsOf(context: unknown): readonly string[] {
  const mark = isObject(context) ? context['waymark'] : undefined
  const through = isObject(mark) ? mark['through'] : undefined
  return Array.isArray(through) ? through.filter((tag) => typeof tag === 'string') : []
}

export function withTag(context: JsonObject, tag: string): JsonObject {
  return { ...context, waymark: { through: [...tagsOf(context).filter((other) => other !== tag), tag] } }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
