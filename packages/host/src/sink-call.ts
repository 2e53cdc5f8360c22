import type { CanonicalEvent, DeliveryOutcome, Plugin, PluginContext } from '@waymark/core'
import { messageOf } from './outcomes.ts'
import { callPlugin, GRACE } from './plugin-call.ts'

export interface Failed {
  readonly event: CanonicalEvent
  readonly reason: string
}

/** What came of a batch, event by event. */
export interface Delivered {
  readonly taken: readonly CanonicalEvent[]
  readonly rejected: readonly Failed[]
  readonly retry: readonly Failed[]
  /** The longest wait the sink asks for, in milliseconds. */
  readonly afterMs: number | undefined
  /** It takes nothing at all at the moment. */
  readonly isDown: boolean
}

/** How long a delivery may take before its signal is aborted, in milliseconds. */
const LONGEST_DELIVERY = 115_000

/** Gives a batch to the sink. Undefined when the host closed meanwhile. Never rejects. */
export async function callSink(
  plugin: Plugin & { readonly sink: NonNullable<Plugin['sink']> },
  context: PluginContext,
  events: readonly CanonicalEvent[],
): Promise<Delivered | undefined> {
  const answer = await callPlugin(context, LONGEST_DELIVERY, (own) => plugin.sink.deliver(events, own))
  switch (answer.kind) {
    case 'abandoned':
      return undefined
    case 'late':
      return whole(events, `the sink had not answered after ${(LONGEST_DELIVERY + GRACE) / 1_000} s`)
    case 'threw': {
      const reason = messageOf(answer.error)
      context.log.error('a sink threw', { sink: plugin.name, error: reason })
      return whole(events, reason)
    }
    case 'answered':
      return sorted(events, answer.value)
  }
}

function whole(events: readonly CanonicalEvent[], reason: string): Delivered {
  return sorted(
    events,
    events.map(() => ({ status: 'retry', reason })),
  )
}

function sorted(events: readonly CanonicalEvent[], outcomes: readonly DeliveryOutcome[]): Delivered {
  const failed = (status: 'rejected' | 'retry') =>
    events.flatMap((event, index): Failed[] => {
      const outcome = outcomes[index]
      return outcome?.status === status ? [{ event, reason: outcome.reason }] : []
    })
  const waits = outcomes.flatMap((outcome) => (outcome.status === 'retry' && outcome.afterMs !== undefined ? [outcome.afterMs] : []))
  const retry = failed('retry')
  return {
    taken: events.filter((_, index) => outcomes[index]?.status === 'delivered'),
    rejected: failed('rejected'),
    retry,
    afterMs: waits.length === 0 ? undefined : Math.max(...waits),
    isDown: retry.length === events.length,
  }
}
