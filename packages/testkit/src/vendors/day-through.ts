import { type CanonicalEvent, definePlan, defineWaymark, type Plugin, type Schema, type Store } from '@waymark/core'
import { createHost, silentLogger, virtualClock } from '@waymark/host'
import { markOf, sampleEvent } from '../plugin/sample-events.ts'
import { randomOf } from '../simulation/random.ts'
import type { Shares } from './fault.ts'
import type { VendorServer } from './vendor-server.ts'

export interface DayOptions {
  /** Empty, and the host's alone. */
  readonly store: Store
  /** How many events the day has; 100,000 at most, which is the default. */
  readonly events?: number
  /** Most events in one call: with fewer there are more requests to go wrong. Default 50. */
  readonly maxBatch?: number
  readonly seed?: number
  /** Default: 2% throttled, 1% failing, 1% partly refused, 0.5% kept without an answer. */
  readonly shares?: Shares
  /** What an event has besides, or instead. */
  readonly event?: (index: number) => Partial<CanonicalEvent>
}

/** How a day went. */
export interface Day {
  readonly events: number
  /** Events that the sink called delivered. */
  readonly delivered: number
  /** Events among the dead letters, given up for good. */
  readonly deadLettered: number
  /** Events that the vendor keeps exactly once, and more than once. */
  readonly storedOnce: number
  readonly storedTwice: number
  readonly requests: number
  /** Events that came to the vendor again, and that it dropped. */
  readonly copies: number
}

const START = Date.UTC(2026, 0, 2)
const DAY = 86_400_000
const USUAL: Shares = { throttled: 0.02, failing: 0.01, partial: 0.01, lost: 0.005 }
/** Events that come in at a time. */
const ARRIVING = 1_000
const USERS = 2_000
/** The host tries what was set aside for hours; after so many it has given up everything it will. */
const LONGEST_AFTER = 14 * DAY

const anything: Schema<object> = { '~standard': { version: 1, vendor: 'waymark', validate: (value) => ({ value: value as object }) } }
const plan = definePlan({ events: { sample_done: anything }, traits: anything })

/**
 * A day of events through a real host and the plugin's sink to a vendor that fails by chance, under a virtual clock; then as many days
 * without failures as the host needs to come to an end. Ends what it started but the vendor.
 */
export async function dayThrough(
  plugin: Plugin,
  vendor: Pick<VendorServer<unknown>, 'stored' | 'copies' | 'requests' | 'misbehave'>,
  { store, events = 100_000, maxBatch = 50, seed = 1, shares = USUAL, event = () => ({}) }: DayOptions,
): Promise<Day> {
  const { sink } = plugin
  if (sink === undefined) throw new Error(`dayThrough: the plugin '${plugin.name}' offers no sink`)
  const delivered = new Set<string>()
  const watched: Plugin = {
    ...plugin,
    sink: {
      ...sink,
      maxBatch,
      async deliver(batch, context) {
        const outcomes = await sink.deliver(batch, context)
        for (const [index, { status }] of outcomes.entries()) if (status === 'delivered') delivered.add(batch[index]?.messageId ?? '')
        return outcomes
      },
    },
  }
  const clock = virtualClock(START)
  const random = randomOf(seed, 'host')
  const host = await createHost(defineWaymark({ plan, plugins: [watched], store }), {
    effects: { clock, random: () => random.next() },
    logger: silentLogger,
    metrics: false,
  })
  const isLeft = async () => (await host.deliveries()).some(({ waiting }) => waiting > 0) || (await store.nextRetry(plugin.name)) !== undefined

  vendor.misbehave(shares, seed)
  for (let from = 0; from < events; from += ARRIVING) {
    await clock.moveTo(START + Math.floor((from / events) * DAY))
    const batch = Array.from({ length: Math.min(ARRIVING, events - from) }, (_, offset) => sample(from + offset, clock.now(), event))
    await host.ingest(batch)
    await host.settled()
  }
  for (let step = 1_000; (await isLeft()) && clock.now() < START + LONGEST_AFTER; step *= 2) {
    await clock.moveTo(clock.now() + Math.min(step, 3_600_000))
    await host.settled()
  }
  vendor.misbehave({})
  const deadLettered = (await store.deadLetterTotals()).filter((total) => total.plugin === plugin.name).reduce((sum, { count }) => sum + count, 0)
  await host.close()

  const times = new Map<string, number>()
  for (const one of vendor.stored) {
    for (const mark of new Set(JSON.stringify(one).match(/sample-\d{5}/g))) times.set(mark, (times.get(mark) ?? 0) + 1)
  }
  const counts = [...times.values()]
  return {
    events,
    delivered: delivered.size,
    deadLettered,
    storedOnce: counts.filter((count) => count === 1).length,
    storedTwice: counts.filter((count) => count > 1).length,
    requests: vendor.requests.length,
    copies: vendor.copies,
  }
}

function sample(index: number, now: number, event: (index: number) => Partial<CanonicalEvent>): CanonicalEvent {
  return sampleEvent(index, { messageId: markOf(index), userId: `user-${index % USERS}`, timestamp: now, receivedAt: now, ...event(index) })
}
