import type { CanonicalEvent, DeliveryOutcome, Sink } from '@waymark/core'
import { expect } from 'vitest'
import type { MemoryContext } from './memory-context.ts'

/** What came of events in the end. */
export interface Driven {
  readonly delivered: readonly CanonicalEvent[]
  readonly rejected: readonly CanonicalEvent[]
}

const ROUNDS = 10

/** Gives events to a sink as a host does: in batches, again where it says so, waiting on the virtual clock. Fails when there is no end. */
export async function driveSink(sink: Sink, events: readonly CanonicalEvent[], context: MemoryContext): Promise<Driven> {
  const delivered: CanonicalEvent[] = []
  const rejected: CanonicalEvent[] = []
  let left = events
  for (let round = 0; left.length > 0; round += 1) {
    if (round === ROUNDS) throw new Error(`${left.length} of ${events.length} events were still to be tried again after ${ROUNDS} rounds`)
    const again: CanonicalEvent[] = []
    const size = sink.maxBatch ?? 100
    for (let start = 0; start < left.length; start += size) {
      const batch = left.slice(start, start + size)
      const outcomes = await deliver(sink, batch, context)
      outcomes.forEach((outcome, index) => {
        const into = { delivered, rejected, retry: again }[outcome.status]
        into.push(batch[index]!)
        if (outcome.status === 'retry') context.time += outcome.afterMs ?? 0
      })
    }
    left = again
  }
  return { delivered, rejected }
}

/** One call, whose answer is held to the contract: one sound outcome an event. */
export async function deliver(sink: Sink, events: readonly CanonicalEvent[], context: MemoryContext): Promise<readonly DeliveryOutcome[]> {
  const outcomes = await sink.deliver(events, context)
  expect(outcomes.length, 'one outcome an event').toBe(events.length)
  for (const outcome of outcomes) {
    expect(['delivered', 'retry', 'rejected']).toContain(outcome.status)
    if (outcome.status !== 'delivered') expect(outcome.reason, 'the reason of an outcome').toMatch(/\S/)
    if (outcome.status === 'retry' && outcome.afterMs !== undefined) expect(outcome.afterMs).toBeGreaterThanOrEqual(0)
  }
  return outcomes
}
