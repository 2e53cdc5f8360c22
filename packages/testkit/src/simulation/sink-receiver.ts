import type { CanonicalEvent, DeliveryOutcome, Sink } from '@waymark/core'
import { DELIVERY_FAULTS } from './faults.ts'
import { type Living, never } from './faulty-store.ts'
import type { Offer } from './ledger.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** Stands for where a sink takes events. It lives on when the process that called it does not. */
export interface SinkReceiver {
  /** What a process calls in the place of the sink. `real`, where there is one, is asked once the request is there. */
  deliverFrom(process: Living & { readonly number: number }, real: Sink['deliver'] | undefined): Sink['deliver']
}

const USUAL = 400
const LATE = { least: 60_000, most: 600_000 }
/** Of the events of one call that is answered for each. */
const SOME = 0.4

const GARBAGE: readonly unknown[] = [undefined, null, 'ok', {}, [], [null], [{ status: 'sent' }], [{}], [{ status: 'retry', afterMs: Number.NaN }]]

export function createSinkReceiver(sink: string, world: World): SinkReceiver {
  const { loop, faults, ledger, trace } = world
  const random = world.random(`receiver of ${sink}`)

  return {
    deliverFrom: (process, real) => async (events, context) => {
      const offer: Offer = { sink, process: process.number, startedAt: loop.now(), events, taken: new Set() }
      ledger.offers.push(offer)
      trace.note(`process ${process.number} offers ${sink} ${events.map(({ messageId }) => messageId).join(' ')}`)
      if (faults.strike('crash before send')) process.crash('before a delivery')
      if (process.isDead()) return never()
      const fault = DELIVERY_FAULTS.find((kind) => faults.strike(kind))
      const outcomes = fault === undefined && real !== undefined ? await real(events, context) : outcomesOf(fault, events, random)
      const taken = takenOf(fault, outcomes, events, random)
      const travel = random.between(0, USUAL)
      loop.after(travel, () => {
        for (const index of taken) offer.taken.add(index)
        trace.note(`${sink} has ${taken.map((index) => events[index]?.messageId).join(' ')}`)
      })
      await loop.wait(travel + (fault === 'delivery late' ? random.between(LATE.least, LATE.most) : random.between(0, USUAL)))
      if (faults.strike('crash after send')) process.crash('after a delivery')
      if (process.isDead() || fault === 'delivery silent') return never()
      if (fault === 'delivery threw' || fault === 'delivery torn') throw new Error('simulated: the connection broke')
      if (fault === 'delivery garbage') return random.pick(GARBAGE) as readonly DeliveryOutcome[]
      if (fault !== 'delivery late') offer.outcomes = outcomes.map(({ status }) => status)
      return outcomes
    },
  }
}

function outcomesOf(fault: (typeof DELIVERY_FAULTS)[number] | undefined, events: readonly CanonicalEvent[], random: Random): readonly DeliveryOutcome[] {
  return events.map((): DeliveryOutcome => {
    const isHit = random.chance(SOME)
    if (fault === 'delivery retry' && isHit) return { status: 'retry', reason: 'simulated: busy' }
    if (fault === 'delivery retry-after') return { status: 'retry', reason: 'simulated: too many requests', afterMs: random.between(1, 7_200) * 1_000 }
    if (fault === 'delivery rejected' && isHit) return { status: 'rejected', reason: 'simulated: it does not fit' }
    return { status: 'delivered' }
  })
}

/** Indexes of the events that arrive and are kept. */
function takenOf(
  fault: (typeof DELIVERY_FAULTS)[number] | undefined,
  outcomes: readonly DeliveryOutcome[],
  events: readonly CanonicalEvent[],
  random: Random,
): readonly number[] {
  const indexes = [...events.keys()]
  if (fault === 'delivery torn') return indexes.slice(0, random.below(events.length))
  if (fault === 'delivery silent' || fault === 'delivery threw' || fault === 'delivery garbage') return random.chance(0.5) ? indexes : []
  return indexes.filter((index) => outcomes[index]?.status === 'delivered')
}
