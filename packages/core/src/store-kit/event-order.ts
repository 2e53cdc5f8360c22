import type { LogEntry } from '../store.ts'

/**
 * The order of a history: by time, then by message id as the engine compares them, by UTF-16 code unit. Databases compare text
 * otherwise, so a history is put in order after it has been read.
 */
export function byEvent(a: LogEntry, b: LogEntry): number {
  if (a.input.kind !== 'event' || b.input.kind !== 'event') return a.seq - b.seq
  const { timestamp, messageId } = a.input.event
  const other = b.input.event
  if (timestamp !== other.timestamp) return timestamp - other.timestamp
  return messageId < other.messageId ? -1 : messageId > other.messageId ? 1 : a.seq - b.seq
}
