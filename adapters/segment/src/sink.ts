import type { CanonicalEvent, DeliveryOutcome, PluginContext, Sink } from '@waymark/core'
import { type EventMapping, halves, type Mapping, mapped, parcels, textOfError } from '@waymark/kit'
import { BATCH_EVENTS } from './limits.ts'
import type { SegmentSinkOptions } from './options.ts'
import { send } from './send.ts'
import type { Call } from './to-segment.ts'
import { toSegment } from './to-segment.ts'

const EVENTS_A_DELIVERY = 500

/** Below Segment's 500 KB, with room for the envelope. */
const REQUEST_BYTES = 480 * 1024

interface Numbered extends Call {
  /** Place of the event in the delivery. */
  readonly index: number
}

export function sink(options: SegmentSinkOptions, mapping?: Mapping): Sink {
  return {
    maxBatch: EVENTS_A_DELIVERY,
    integrations: ['Segment', 'Segment.io'],
    ...(options.learned === undefined ? {} : { learned: options.learned }),
    deliver: (events, context) => deliver(options, mapping?.outgoing, events, context),
  }
}

async function deliver(
  options: SegmentSinkOptions,
  mapping: EventMapping | undefined,
  events: readonly CanonicalEvent[],
  context: PluginContext,
): Promise<readonly DeliveryOutcome[]> {
  const outcomes: DeliveryOutcome[] = events.map(() => ({ status: 'delivered' }))
  const calls = events.flatMap((event, index): Numbered[] => {
    const call = callOf(event, options.writeKey, mapping)
    if (call === undefined) return []
    if (call.ok) return [{ ...call.value, index }]
    outcomes[index] = { status: 'rejected', reason: call.reason }
    return []
  })

  const waiting = parcels(calls, { items: BATCH_EVENTS, bytes: REQUEST_BYTES })
  for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
    const answers = await send(request, options, context)
    if (request.length > 1 && answers.every(({ status }) => status === 'rejected')) {
      // Refused as a whole for the sake of some: halve it until those are found.
      waiting.unshift(...halves(request))
      continue
    }
    for (const [place, { index }] of request.entries()) outcomes[index] = answers[place]!
    const retry = answers.find(({ status }) => status === 'retry')
    if (retry === undefined) continue
    // Nothing overtakes: what follows waits for the same reason.
    for (const { index } of waiting.flat()) outcomes[index] = retry
    break
  }
  return outcomes
}

/** Undefined for an event that the user's mapping leaves out. */
function callOf(event: CanonicalEvent, writeKey: string, mapping: EventMapping | undefined): ReturnType<typeof toSegment> | undefined {
  try {
    const wanted = mapped(event, mapping)
    return wanted === undefined ? undefined : toSegment(wanted, writeKey)
  } catch (error) {
    return { ok: false, reason: `it cannot be written for Segment: ${textOfError(error)}` }
  }
}
