import type { Json, JsonObject } from '@waymark/core'
import { isObject } from '@waymark/core'
import { at } from '@waymark/kit'
import { CONSENT } from '../mapping.ts'
import type { StreamKind } from './measurement.ts'

/** Where a request says what our context holds: ours <- Google's. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  device: { type: 'device.category', manufacturer: 'device.brand', model: 'device.model' },
  os: { name: 'device.operating_system', version: 'device.operating_system_version' },
  location: { city: 'user_location.city', region: 'user_location.region_id', country: 'user_location.country_id' },
}

/** The context of a request's events: which device and stream, what was consented to, and what the sender says of the device. */
export function contextOf(body: Record<string, unknown>, { stream, kind }: { stream: string; kind: StreamKind }, instance: string | undefined): JsonObject {
  const locale = at(body, 'device.language')
  return {
    firebase: { stream, ...firebaseId(kind, instance) },
    ...consentOf(body['consent']),
    ...picked(body, FIELDS),
    ...(typeof locale === 'string' ? { locale } : {}),
  }
}

export function firebaseId(kind: StreamKind, instance: string | undefined): JsonObject {
  return instance === undefined ? {} : kind === 'app' ? { appInstanceId: instance } : { clientId: instance }
}

/** Picks what is there out of a request or a row, as the table says. */
export function picked(from: unknown, table: Readonly<Record<string, Readonly<Record<string, string>>>>): JsonObject {
  const groups = Object.entries(table).flatMap(([group, fields]) => {
    const found = Object.entries(fields).flatMap(([ours, theirs]) => {
      const value = at(from, theirs)
      return value === undefined || value === null || value === '' ? [] : [[ours, value as Json]]
    })
    return found.length === 0 ? [] : [[group, Object.fromEntries(found) as JsonObject]]
  })
  return Object.fromEntries(groups) as JsonObject
}

function consentOf(consent: unknown): JsonObject {
  if (!isObject(consent)) return {}
  const given = Object.keys(CONSENT).flatMap((kind) => (consent[kind] === 'GRANTED' || consent[kind] === 'DENIED' ? [[kind, consent[kind] === 'GRANTED']] : []))
  return given.length === 0 ? {} : { consent: { categoryPreferences: Object.fromEntries(given) as JsonObject } }
}
