import type { CanonicalEvent } from '@waymark/core'
import { sha256 } from '@waymark/kit'

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
