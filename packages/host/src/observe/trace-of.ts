import { createHash } from 'node:crypto'
import { type Context, ROOT_CONTEXT, type SpanContext, TraceFlags, trace } from '@opentelemetry/api'

/**
 * The trace that everything about an event is in, as 32 hex digits: what came of the event, the decisions it brought about and their messages. It follows
 * from the message id alone, so nothing has to be kept for it, and a message that is sent days later by another process is in it all the same.
 */
export function traceIdOf(messageId: string): string {
  return digestOf(messageId).slice(0, 32)
}

/** The parent that all spans of a trace have: nobody's span, so that they stand side by side whoever made which of them. */
export function parentOf(messageId: string): SpanContext {
  const digest = digestOf(messageId)
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48), traceFlags: TraceFlags.SAMPLED, isRemote: true }
}

export function contextOf(messageId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, parentOf(messageId))
}

function digestOf(messageId: string): string {
  return createHash('sha256').update(messageId).digest('hex')
}
