import type { LogEntry } from '@waymark/core'

export function messageIds(entries: readonly LogEntry[]): readonly string[] {
  return entries.map(({ input }) => (input.kind === 'event' ? input.event.messageId : input.kind))
}
