import type { DeliveryOutcome, PluginContext } from '@waymark/core'
import { halves, parcels, post } from '@waymark/kit'
import { UPLOAD } from '../limits.ts'
import type { AmplitudeSinkOptions } from '../options.ts'
import type { Written } from '../to-amplitude.ts'
import { verdictOf } from './answer.ts'
import type { Holds } from './holds.ts'

/** Something to send, and whose outcome it is. */
export interface Sent extends Written {
  /** Place of the event in the delivery. */
  readonly index: number
}

export interface UploadTarget {
  readonly host: string
  readonly options: AmplitudeSinkOptions
  readonly minIdLength: number
  readonly holds: Holds
}

/** Room for the envelope. */
const ENVELOPE_BYTES = 2048

/**
 * Uploads events in order and tells what became of each. What Amplitude finds at fault is taken out, and the rest goes again, until an
 * upload is clean: one with a single event at fault takes in nothing.
 */
export async function upload(
  events: readonly Sent[],
  target: UploadTarget,
  context: PluginContext,
  settle: (sent: readonly Sent[], outcome: DeliveryOutcome) => void,
): Promise<void> {
  const { holds, options } = target
  const limits = UPLOAD[options.api ?? 'httpapi']
  const waiting = parcels(events, { items: limits.events, bytes: limits.bytes - ENVELOPE_BYTES })
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const parcel = next.filter((sent) => {
      const afterMs = holds.waitOf(sent.event, context.clock.now())
      if (afterMs !== undefined) settle([sent], { status: 'retry', reason: 'Amplitude takes no more of this user or device for now', afterMs })
      return afterMs === undefined
    })
    if (parcel.length === 0) continue
    const wire = parcel.map(({ event }) => event)
    const body = JSON.stringify({ api_key: options.apiKey, events: wire, options: { min_id_length: target.minIdLength } })
    const answer = await post(
      {
        url: new URL(limits.path, target.host),
        headers: { 'content-type': 'application/json', accept: '*/*' },
        body,
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      },
      context,
    )
    const verdict = verdictOf(answer, wire, limits, context.clock.now())
    switch (verdict.kind) {
      case 'taken':
        settle(parcel, { status: 'delivered' })
        break
      case 'cull':
        holds.add(verdict.holds, context.clock.now())
        for (const [place, reason] of verdict.refused) settle([parcel[place]!], { status: 'rejected', reason })
        waiting.unshift(parcel.filter((_, place) => !verdict.refused.has(place)))
        break
      case 'refused':
        if (parcel.length === 1) settle(parcel, { status: 'rejected', reason: verdict.reason })
        else waiting.unshift(...halves(parcel))
        break
      case 'later':
        // Nothing overtakes: what follows waits for the same reason.
        settle([...parcel, ...waiting.flat()], verdict.outcome)
        return
    }
  }
}
