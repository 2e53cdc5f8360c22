import type { CanonicalEvent, PluginContext } from '@waymark/core'

/** What one message of a vendor turned out to be. */
export type Reading =
  /** `leftOut`: ids that stand for nobody, each with the reason. */
  | { readonly kind: 'event'; readonly event: CanonicalEvent; readonly leftOut?: readonly string[] }
  /** Of no use here, and nothing is lost by that: an echo, an alias of an id with itself. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'rejected'; readonly reason: string; readonly raw: unknown }

/** A message that was not taken, by its place among the readings. */
export interface Rejected {
  readonly index: number
  readonly reason: string
}

/**
 * Gives the readable to the host and the unreadable to quarantine; what the sender should know comes back, in order: what could not be read
 * and what the plan refuses. A throw says to come back: let it through, the host answers for it.
 */
export async function take(readings: readonly Reading[], source: string, context: PluginContext): Promise<readonly Rejected[]> {
  const reasons = new Map<number, string>()
  const places = readings.flatMap((reading, index) => (reading.kind === 'event' ? [index] : []))
  const events = readings.flatMap((reading) => (reading.kind === 'event' ? [reading.event] : []))
  const leftOut = readings.flatMap((reading) => (reading.kind === 'event' ? (reading.leftOut ?? []) : []))
  if (leftOut.length > 0) {
    context.log.warn('ids were left out of events, which are kept under their other id', { source, ids: leftOut.length, reason: leftOut[0] })
  }
  if (events.length > 0) {
    const outcomes = await context.ingest(events)
    outcomes.forEach((outcome, index) => {
      if (outcome.status === 'quarantined') reasons.set(places[index]!, outcome.reason)
    })
  }
  // Only now: a sender that is told to come back would have its unreadable events kept once per attempt.
  const unreadable = readings.flatMap((reading, index) => {
    if (reading.kind !== 'rejected') return []
    reasons.set(index, reading.reason)
    return [{ source, reason: reading.reason, raw: reading.raw }]
  })
  if (unreadable.length > 0) await context.quarantine(unreadable)
  return [...reasons].sort(([left], [right]) => left - right).map(([index, reason]) => ({ index, reason }))
}
