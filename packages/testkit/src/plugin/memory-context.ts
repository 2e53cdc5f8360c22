import type { CanonicalEvent, IngestOutcome, PluginContext, Unreadable } from '@waymark/core'
import { WaymarkError } from '@waymark/core'

export interface MemoryContext extends PluginContext {
  readonly accepted: CanonicalEvent[]
  readonly kept: Unreadable[]
  readonly warnings: string[]
  /** What the clock shows. */
  time: number
  /** True: the host can take no more. */
  full: boolean
  /** The plan's judgement: a reason to quarantine, or nothing. */
  judge(event: CanonicalEvent): string | undefined
}

/** A host's context held in memory: removes duplicates by source and message id, as a host does. */
export function memoryContext(): MemoryContext {
  const seen = new Set<string>()
  let ids = 0
  const context: MemoryContext = {
    accepted: [],
    kept: [],
    warnings: [],
    time: Date.UTC(2026, 0, 2, 12),
    full: false,
    judge: () => undefined,
    log: { debug() {}, info() {}, warn: (message) => void context.warnings.push(message), error() {} },
    clock: { now: () => context.time, at: () => () => {} },
    signal: new AbortController().signal,
    async ingest(events) {
      if (context.full) throw new WaymarkError('BUSY', 'too much is waiting')
      return events.map((event): IngestOutcome => {
        const reason = context.judge(event)
        if (reason !== undefined) return { status: 'quarantined', reason }
        const key = JSON.stringify([event.source, event.messageId])
        if (seen.has(key)) return { status: 'duplicate' }
        seen.add(key)
        context.accepted.push(event)
        return { status: 'accepted' }
      })
    },
    async quarantine(items) {
      context.kept.push(...items)
    },
    conversation: { profileOf: async () => undefined, open: async () => [], answer: async () => false, watch: () => () => {} },
    id() {
      ids += 1
      return `generated-${ids}`
    },
  }
  return context
}
