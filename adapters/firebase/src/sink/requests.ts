import { EVENTS_A_REQUEST, PROPERTIES_A_REQUEST, REQUEST_BYTES } from '../limits.ts'
import { CARRIER } from '../mapping.ts'
import { MARK } from '../measurement/mark.ts'
import type { Measurement, MeasurementEvent, StreamKind } from '../measurement/measurement.ts'
import type { Piece } from '../measurement/to-measurement.ts'

/** A piece with the place of its event in the delivery, and the stream it goes to. */
export interface Placed extends Piece {
  readonly index: number
  readonly stream: string
  readonly kind: StreamKind
}

/** What goes to Google in one request: pieces of one device and one user. */
export interface Parcel {
  readonly stream: string
  readonly kind: StreamKind
  readonly pieces: readonly Placed[]
}

/** Room for what stands around the events. */
const ENVELOPE_BYTES = 1000

/** All parcels of one device and user, in order: each lane can go by itself. */
export function lanesOf(pieces: readonly Placed[]): readonly (readonly Parcel[])[] {
  const lanes = new Map<string, Placed[]>()
  for (const piece of pieces) {
    const key = JSON.stringify([piece.stream, piece.who])
    const lane = lanes.get(key)
    if (lane === undefined) lanes.set(key, [piece])
    else lane.push(piece)
  }
  return [...lanes.values()].map(parcelsOf)
}

/**
 * A request has one set of user properties and one consent, for all of its events. So one begins wherever the user properties change after an event,
 * or the consent does, or a limit is reached.
 */
function parcelsOf(pieces: readonly Placed[]): readonly Parcel[] {
  const parcels: Placed[][] = []
  let bytes = 0
  for (const piece of pieces) {
    const last = parcels.at(-1)
    bytes += piece.bytes
    if (last === undefined || !fits(piece, last) || bytes + ENVELOPE_BYTES > REQUEST_BYTES) {
      parcels.push([piece])
      bytes = piece.bytes
    } else last.push(piece)
  }
  return parcels.map((own) => ({ stream: own[0]!.stream, kind: own[0]!.kind, pieces: own }))
}

function fits(piece: Placed, parcel: readonly Placed[]): boolean {
  if (JSON.stringify(piece.consent) !== JSON.stringify(parcel[0]!.consent)) return false
  const events = parcel.filter(({ event }) => event !== undefined)
  if (piece.properties === undefined) return events.length < EVENTS_A_REQUEST
  return events.length === 0 && Object.keys(Object.assign({}, ...parcel.map(({ properties }) => properties), piece.properties)).length <= PROPERTIES_A_REQUEST
}

/** The body of a parcel's request. User properties that no event follows have one of their own to ride on: a request without events is not known to do anything. */
export function bodyOf({ kind, pieces }: Parcel): Measurement {
  const [first] = pieces
  const { who, consent } = first!
  const events = pieces.flatMap(({ event }): MeasurementEvent[] => (event === undefined ? [] : [event]))
  const properties = Object.assign({}, ...pieces.map((piece) => piece.properties)) as NonNullable<Measurement['user_properties']>
  const last = pieces.at(-1)!
  return {
    ...(kind === 'app' ? { app_instance_id: who.instance } : { client_id: who.instance }),
    ...(who.userId === undefined ? {} : { user_id: who.userId }),
    ...(Object.keys(properties).length === 0 ? {} : { user_properties: properties }),
    ...(consent === undefined ? {} : { consent }),
    events: events.length > 0 ? events : [{ name: CARRIER, params: { [MARK]: last.mark }, timestamp_micros: last.timestampMicros }],
  }
}
