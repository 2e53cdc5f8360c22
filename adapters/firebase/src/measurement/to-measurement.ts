import type { CanonicalEvent, Parsed } from '@waymark/core'
import { isObject } from '@waymark/core'
import { at, jsonBytes, sanitize } from '@waymark/kit'
import { BACKDATE_MS, PARAMS_AN_EVENT, PROPERTIES_A_REQUEST, REQUEST_BYTES, USER_ID_LENGTH } from '../limits.ts'
import { CONSENT, paramsOf, rowOfType, TRACK } from '../mapping.ts'
import { eventName } from '../names.ts'
import { HAPPENED_AT, MARK, markOf } from './mark.ts'
import type { AdConsent, MeasurementEvent, StreamKind, UserProperties } from './measurement.ts'
import { paramsFor, propertiesFor } from './values.ts'

/** Room for what stands around events and properties in a request. */
const ENVELOPE_BYTES = 1000

/** Of whom a request speaks: Google takes one device, and one user on it, at a time. */
export interface Who {
  readonly instance: string
  readonly userId?: string
}

/** What one event is to Google. */
export interface Piece {
  readonly who: Who
  readonly event?: MeasurementEvent
  readonly properties?: UserProperties
  /** What a carrier of the properties would be marked with. */
  readonly mark: string
  readonly consent?: AdConsent
  readonly timestampMicros: number
  /** Too old for Google to keep its time. */
  readonly isLate: boolean
  readonly bytes: number
}

export interface Sending {
  readonly kind: StreamKind
  /** The device: app_instance_id or client_id. */
  readonly instance: string | undefined
  readonly tag: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** Turns an event into what Google takes, undefined where there is nothing to send, or says why it cannot be. */
export function toMeasurement(original: CanonicalEvent, { kind, instance, tag, now }: Sending): Parsed<Piece | undefined> {
  const event = sanitize(original) as unknown as CanonicalEvent
  if (event.type === 'alias') return { ok: true, value: undefined }
  if (instance === undefined) return { ok: false, reason: missing(kind) }
  if (event.userId !== undefined && event.userId.length > USER_ID_LENGTH)
    return { ok: false, reason: `userId: longer than the ${USER_ID_LENGTH} characters Google takes` }

  const isLate = event.timestamp < now - BACKDATE_MS
  // Google would move it there itself; said by us, it is known what became of it.
  const timestampMicros = (isLate ? now - BACKDATE_MS : event.timestamp) * 1000
  const mark = markOf(original, tag)
  const common = {
    who: { instance, ...(event.userId === undefined ? {} : { userId: event.userId }) },
    mark,
    timestampMicros,
    isLate,
    ...consentIn(event),
  }
  const extra = { [MARK]: mark, ...(isLate ? { [HAPPENED_AT]: event.timestamp } : {}) }
  const body = event.type === 'identify' ? traitsOf(event, timestampMicros) : { event: named(event, kind, timestampMicros, extra) }
  if (body === undefined) return { ok: true, value: undefined }
  const bytes = jsonBytes(body)
  if (bytes + ENVELOPE_BYTES > REQUEST_BYTES) return { ok: false, reason: `it has ${bytes} bytes as Google would get it; a request may have ${REQUEST_BYTES}` }
  return { ok: true, value: { ...common, ...body, bytes } }
}

function named(event: CanonicalEvent, kind: StreamKind, timestampMicros: number, extra: Readonly<Record<string, string | number>>): MeasurementEvent {
  const row = rowOfType(event.type)
  return {
    name: row?.name[kind] ?? eventName(event.event ?? ''),
    params: { ...paramsFor(paramsOf(event, row ?? TRACK), PARAMS_AN_EVENT - Object.keys(extra).length), ...extra },
    timestamp_micros: timestampMicros,
  }
}

function traitsOf(event: CanonicalEvent, timestampMicros: number): { properties: UserProperties } | undefined {
  const traits = Object.entries(propertiesFor(Object.entries(event.traits))).slice(0, PROPERTIES_A_REQUEST)
  if (traits.length === 0) return undefined
  return { properties: Object.fromEntries(traits.map(([name, value]) => [name, { value, timestamp_micros: timestampMicros }])) }
}

function consentIn(event: CanonicalEvent): { consent?: AdConsent } {
  const preferences = at(event.context, 'consent.categoryPreferences')
  if (!isObject(preferences)) return {}
  const consent = Object.entries(CONSENT).flatMap(([theirs, categories]) => {
    const given = categories.map((category) => preferences[category]).find((choice) => typeof choice === 'boolean')
    return given === undefined ? [] : [[theirs, given ? 'GRANTED' : 'DENIED'] as const]
  })
  return consent.length === 0 ? {} : { consent: Object.fromEntries(consent) as AdConsent }
}

function missing(kind: StreamKind): string {
  const id = kind === 'app' ? 'app_instance_id' : 'client_id'
  const field = kind === 'app' ? 'appInstanceId' : 'clientId'
  return `no ${id}: Google takes events of devices its own SDK knows; send the SDK's id as context.firebase.${field}, or name it by firebase({ sink: { instanceOf } })`
}
