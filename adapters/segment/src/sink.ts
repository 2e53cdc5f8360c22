import type { CanonicalEvent, DeliveryOutcome, PluginContext, Sink } from '@waymark/core'
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

export function sink(options: SegmentSinkOptions): Sink {
  return {
    maxBatch: EVENTS_A_DELIVERY,
    integrations: ['Segment', 'Segment.io'],
    deliver: (events, context) => deliver(options, events, context),
  }
}

async function deliver(options: SegmentSinkOptions, events: readonly CanonicalEvent[], context: PluginContext): Promise<readonly DeliveryOutcome[]> {
  const outcomes: DeliveryOutcome[] = events.map(() => ({ status: 'delivered' }))
  const calls = events.flatMap((event, index): Numbered[] => {
    const call = mapped(event, options.writeKey)
    if (call.ok) return [{ ...call.value, index }]
    outcomes[index] = { status: 'rejected', reason: call.reason }
    return []
  })

  const waiting = requests(calls)
  for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
    const answers = await send(request, options, context)
    if (request.length > 1 && answers.every(({ status }) => status === 'rejected')) {
      // Refused as a whole for the sake of some: halve it until those are found.
      const middle = Math.ceil(request.length / 2)
      waiting.unshift(request.slice(0, middle), request.slice(middle))
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

function mapped(event: CanonicalEvent, writeKey: string): ReturnType<typeof toSegment> {
  try {
    return toSegment(event, writeKey)
  } catch (error) {
    return { ok: false, reason: `it cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function requests(calls: readonly Numbered[]): Numbered[][] {
  const requests: Numbered[][] = []
  let bytes = 0
  for (const call of calls) {
    bytes += call.bytes
    if (requests.length === 0 || bytes > REQUEST_BYTES) {
      requests.push([])
      bytes = call.bytes
    }
    requests.at(-1)!.push(call)
  }
  return requests
}
