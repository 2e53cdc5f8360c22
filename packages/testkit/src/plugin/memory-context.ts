import type { CanonicalEvent, Identity, IngestOutcome, PluginContext, Unreadable } from '@waymark/core'
import { WaymarkError } from '@waymark/core'
import { type MemoryClock, memoryClock } from './memory-clock.ts'

export interface MemoryContext extends PluginContext {
  readonly accepted: CanonicalEvent[]
  readonly kept: Unreadable[]
  readonly warnings: string[]
  /** Who is to be forgotten; what comes of them from then on is refused. */
  readonly erased: Identity[]
  readonly clock: MemoryClock
  /** What the clock shows. Setting it sets off what falls due by then; `clock.moveTo` waits for it. */
  time: number
  /** True: the host can take no more. */
  full: boolean
  /** The plan's judgement: a reason to quarantine, or nothing. */
  judge(event: CanonicalEvent): string | undefined
}

const NOON = Date.UTC(2026, 0, 2, 12)

/** A host's context held in memory: removes duplicates by source and message id, as a host does. */
export function memoryContext(): MemoryContext {
  const clock = memoryClock(NOON)
  const seen = new Set<string>()
  let ids = 0

  function outcomeOf(event: CanonicalEvent): IngestOutcome {
    const isErased = context.erased.some(({ userId, anonymousId }) => (userId === undefined ? anonymousId === event.anonymousId : userId === event.userId))
    if (isErased) return { status: 'refused', reason: 'the user was erased' }
    const reason = context.judge(event)
    if (reason !== undefined) return { status: 'quarantined', reason }
    const key = JSON.stringify([event.source, event.messageId])
    if (seen.has(key)) return { status: 'duplicate' }
    seen.add(key)
    context.accepted.push(event)
    return { status: 'accepted' }
  }

  const context: MemoryContext = {
    accepted: [],
    kept: [],
    warnings: [],
    erased: [],
    clock,
    get time() {
      return clock.now()
    },
    set time(time) {
      clock.set(time)
    },
    full: false,
    judge: () => undefined,
    log: { debug() {}, info() {}, warn: (message) => void context.warnings.push(message), error() {} },
    signal: new AbortController().signal,
    async ingest(events) {
      if (context.full) throw new WaymarkError('BUSY', 'too much is waiting')
      return events.map(outcomeOf)
    },
    async quarantine(items) {
      context.kept.push(...items)
    },
    conversation: { profileOf: async () => undefined, open: async () => [], answer: async () => false, watch: () => () => {} },
    async erase(identity) {
      if (identity.userId === undefined && identity.anonymousId === undefined)
        throw new WaymarkError('IDENTITY_MISSING', 'there is neither a userId nor an anonymousId')
      context.erased.push(identity)
    },
    id() {
      ids += 1
      return `generated-${ids}`
    },
  }
  return context
}
