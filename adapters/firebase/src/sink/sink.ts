import type { CanonicalEvent, DeliveryOutcome, PluginContext, Sink } from '@waymark/core'
import type { EventMapping } from '@waymark/kit'
import { mapped, tagsOf, textOfError } from '@waymark/kit'
import { toMeasurement } from '../measurement/to-measurement.ts'
import type { FirebaseSinkOptions } from '../options.ts'
import { createDevices } from './devices.ts'
import type { Memberships } from './memberships.ts'
import type { Parcel, Placed } from './requests.ts'
import { lanesOf } from './requests.ts'
import { send } from './send.ts'

const EVENTS_A_DELIVERY = 200

/** Requests under way at once. Each is of another device, so that none of a user's events overtakes another. */
const LANES = 8

/** The source of what Waymark itself finds out. */
const WAYMARK = 'waymark'

const DELIVERED: DeliveryOutcome = { status: 'delivered' }

export interface Sinking {
  readonly options: FirebaseSinkOptions | undefined
  readonly memberships: Memberships | undefined
  readonly mapping: EventMapping | undefined
  readonly tag: string
}

/** Delivers to Google Analytics and, where that is asked for, keeps segments in Firestore. */
export function sink({ options, memberships, mapping, tag }: Sinking): Sink {
  const learned = new Set(options?.learned ?? [])
  const analytics = options === undefined ? undefined : createAnalytics(options, mapping, tag, learned)
  if (memberships !== undefined) learned.add('memberships')
  return {
    maxBatch: EVENTS_A_DELIVERY,
    integrations: ['Firebase', 'Google Analytics 4'],
    ...(learned.size === 0 ? {} : { learned: [...learned] }),
    async deliver(events, context) {
      const kept = (await memberships?.keep(events, context)) ?? events.map(() => DELIVERED)
      const open = events.flatMap((event, index) => (kept[index]?.status === 'delivered' ? [{ event, index }] : []))
      const sent =
        (await analytics?.(
          open.map(({ event }) => event),
          context,
        )) ?? open.map(() => DELIVERED)
      const outcomes = [...kept]
      open.forEach(({ index }, place) => {
        outcomes[index] = sent[place] ?? DELIVERED
      })
      return outcomes
    },
  }
}

type Deliver = (events: readonly CanonicalEvent[], context: PluginContext) => Promise<readonly DeliveryOutcome[]>

function createAnalytics(options: FirebaseSinkOptions, mapping: EventMapping | undefined, tag: string, learned: ReadonlySet<string>): Deliver {
  const deviceOf = createDevices(options)
  const wanted = new Set(learned)

  async function pieceOf(original: CanonicalEvent, index: number, now: number): Promise<Placed | DeliveryOutcome> {
    if (tagsOf(original.context).includes(tag)) return DELIVERED
    if (original.source === WAYMARK && original.type === 'identify' && !wanted.has('memberships')) return DELIVERED
    try {
      const event = mapped(original, mapping)
      if (event === undefined) return DELIVERED
      const { stream, kind, instance } = await deviceOf(event)
      const piece = toMeasurement(event, { kind, instance, tag, now })
      if (!piece.ok) return { status: 'rejected', reason: piece.reason }
      if (piece.value === undefined) return DELIVERED
      if (piece.value.isLate && options.late === 'reject') return { status: 'rejected', reason: 'older than the 72 hours Google takes' }
      return { ...piece.value, index, stream, kind }
    } catch (error) {
      return { status: 'rejected', reason: `it cannot be written for Google: ${textOfError(error)}` }
    }
  }

  return async (events, context) => {
    const outcomes: DeliveryOutcome[] = events.map(() => DELIVERED)
    const pieces: Placed[] = []
    for (const [index, event] of events.entries()) {
      const piece = await pieceOf(event, index, context.clock.now())
      if ('status' in piece) outcomes[index] = piece
      else pieces.push(piece)
    }
    const late = pieces.filter(({ isLate }) => isLate).length
    if (late > 0)
      context.log.warn('events are older than the 72 hours Google takes: they count as 72 hours old, and carry waymark_happened_at', { events: late })
    for (const [index, outcome] of await inLanes(lanesOf(pieces), options, context)) outcomes[index] = outcome
    return outcomes
  }
}

async function inLanes(
  lanes: readonly (readonly Parcel[])[],
  options: FirebaseSinkOptions,
  context: PluginContext,
): Promise<ReadonlyMap<number, DeliveryOutcome>> {
  const outcomes = new Map<number, DeliveryOutcome>()
  const waiting = [...lanes]
  let stop: DeliveryOutcome | undefined

  async function work(): Promise<void> {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      for (const parcel of lane) {
        // Nothing overtakes: once something has to wait, all that is not under way does.
        const sent = stop === undefined ? await send(parcel, options, context) : { outcomes: new Map(parcel.pieces.map(({ index }) => [index, stop!])) }
        for (const [index, outcome] of sent.outcomes) outcomes.set(index, outcome)
        if ('stop' in sent) stop ??= sent.stop
      }
    }
  }

  await Promise.all(Array.from({ length: LANES }, work))
  return outcomes
}
