import {
  agrees,
  type CanonicalEvent,
  type DeadLetter,
  type DeliveryOutcome,
  type Plugin,
  type PluginContext,
  type Store,
  type WaymarkConfig,
} from '@waymark/core'
import { answered } from './answered.ts'
import { backoff } from './backoff.ts'
import type { Effects } from './effects.ts'
import { keysOf } from './identity.ts'
import type { Profiles } from './profiles.ts'
import { createWorkLoop, type WorkLoop } from './work-loop.ts'

/** Takes the log to one sink, in order, from its own cursor; wake it when the log has grown. */
export interface SinkRunner extends WorkLoop {
  start(): Promise<void>
}

const READ = 500
/** Twice what a sink's own time-outs usually are, in milliseconds. */
const LONGEST_DELIVERY = 120_000
/** How often an event is tried that fails while others go through. When nothing goes through it is the line, and every event waits for it. */
const MOST_ATTEMPTS = 12

/**
 * The cursor moves only past events that were delivered, rejected for good (they become dead letters) or are not for
 * this sink. While some of a batch are to be retried the sink waits for them: order is kept and nobody else is slowed.
 * A sink that is new to a store begins with what comes from then on.
 */
export function createSinkRunner(
  plugin: Plugin & { readonly sink: NonNullable<Plugin['sink']> },
  parts: { readonly config: WaymarkConfig; readonly store: Store; readonly effects: Effects; readonly context: PluginContext; readonly profiles: Profiles },
): SinkRunner {
  const { store, context, effects, config } = parts
  const name = `sink:${plugin.name}`
  const size = plugin.sink.maxBatch ?? 100
  const names = [plugin.name, ...(plugin.sink.integrations ?? [])]
  let cursor = 0
  let pending: readonly CanonicalEvent[] = []
  let readTo = 0
  let attempts = 0

  function isMeantFor(event: CanonicalEvent): boolean {
    const named = names.map((one) => event.integrations[one]).find((choice) => choice !== undefined && choice !== null)
    if (named === false || (named === undefined && event.integrations['All'] === false)) return false
    return event.source !== plugin.name && !event.source.startsWith(`${plugin.name}:`)
  }

  /** Those whose user, as known now, agrees to what the plugin is for. */
  async function consenting(events: readonly CanonicalEvent[]): Promise<readonly CanonicalEvent[]> {
    if (events.length === 0) return events
    return store.transaction(async (tx) => {
      const owners = await tx.profilesOf(events.flatMap(keysOf))
      const ownerOf = (event: CanonicalEvent) => keysOf(event).flatMap((key) => owners.get(key) ?? [])[0] ?? ''
      const profiles = await parts.profiles.load([...new Set(events.map(ownerOf))], tx)
      return events.filter((event) => agrees(profiles.get(ownerOf(event))?.profile.consent ?? {}, plugin.purpose, config.governance?.consent))
    })
  }

  async function read(): Promise<boolean> {
    const entries = await store.log(cursor, READ)
    const wanted: CanonicalEvent[] = []
    readTo = cursor
    for (const { seq, input } of entries) {
      if (input.kind === 'event' && isMeantFor(input.event)) wanted.push(input.event)
      readTo = seq
      if (wanted.length === size) break
    }
    pending = wanted
    return entries.length > 0
  }

  async function deliver(): Promise<{
    readonly retry: readonly CanonicalEvent[]
    readonly rejected: Omit<DeadLetter, 'id'>[]
    readonly afterMs: number | undefined
  }> {
    let outcomes: readonly DeliveryOutcome[] = []
    try {
      if (pending.length === 0) return { retry: [], rejected: [], afterMs: undefined }
      const late = pending.map((): DeliveryOutcome => ({ status: 'retry', reason: `the sink had not answered after ${LONGEST_DELIVERY / 1_000} s` }))
      outcomes = await answered(effects.clock, LONGEST_DELIVERY, plugin.sink.deliver(pending, context), late)
    } catch (error) {
      outcomes = pending.map(() => ({ status: 'retry', reason: String(error) }))
    }
    const at = effects.clock.now()
    const retry: CanonicalEvent[] = []
    const rejected: Omit<DeadLetter, 'id'>[] = []
    let afterMs: number | undefined
    const isDown = outcomes.every(({ status }) => status === 'retry')
    pending.forEach((event, index) => {
      const outcome = outcomes[index] ?? { status: 'retry', reason: 'the sink gave no outcome' }
      if (outcome.status === 'rejected') rejected.push({ at, sink: plugin.name, reason: outcome.reason, event })
      if (outcome.status !== 'retry') return
      if (!isDown && attempts + 1 >= MOST_ATTEMPTS)
        rejected.push({ at, sink: plugin.name, reason: `given up after ${attempts + 1} attempts: ${outcome.reason}`, event })
      else {
        retry.push(event)
        afterMs = Math.max(afterMs ?? 0, outcome.afterMs ?? 0) || undefined
      }
    })
    return { retry, rejected, afterMs }
  }

  async function work(isStopped: () => boolean): Promise<number | undefined> {
    while (!isStopped() && (pending.length > 0 || (await read()))) {
      // Asked again before every attempt: consent may have been withdrawn meanwhile.
      pending = await consenting(pending)
      const { retry, rejected, afterMs } = await deliver()
      await store.transaction(async (tx) => {
        if (rejected.length > 0) await tx.deadLetter(rejected)
        if (retry.length === 0) await tx.setCursor(name, String(readTo))
      })
      pending = retry
      if (retry.length > 0) {
        attempts += 1
        const wait = afterMs ?? backoff(attempts, effects.random)
        context.log.warn('a sink asks to try again', { sink: plugin.name, attempt: attempts, waitMs: wait })
        return effects.clock.now() + wait
      }
      cursor = readTo
      attempts = 0
    }
    return undefined
  }

  const loop = createWorkLoop(effects.clock, work, {
    // While it waits to retry, a longer log is no reason to try sooner.
    isPatient: () => pending.length > 0,
    onError: (error) => context.log.error('a sink could not read or write the store', { sink: plugin.name, error: String(error) }),
  })
  return {
    ...loop,
    async start() {
      const stored = await store.cursor(name)
      cursor = stored === undefined ? await store.lastSeq() : Number(stored)
      if (stored === undefined) await store.transaction((tx) => tx.setCursor(name, String(cursor)))
      loop.wake()
    },
  }
}
