import type { Json, JsonObject } from '@waymark/core'
import { isObject, parseEvent } from '@waymark/core'
import type { EventMapping, Reading } from '@waymark/kit'
import { at, remapped, sha256 } from '@waymark/kit'
import { CARRIER, fieldsOf, rowOfName, TRACK } from '../../mapping.ts'
import { firebaseId, picked } from '../../measurement/context.ts'
import { HAPPENED_AT, MARK, readMark } from '../../measurement/mark.ts'
import type { News } from '../news.ts'
import { personOf } from '../people.ts'

/** A row as BigQuery's client gives it, or an extract of the table as JSON: integers come wrapped, as texts or as numbers. */
export type Row = Readonly<Record<string, unknown>>

export interface RowArrival {
  readonly source: string
  readonly receivedAt: number
  /** The tag of our own sink. */
  readonly echo?: string | undefined
  readonly mapping?: EventMapping | undefined
  readonly news: News
}

/** What makes a row one row: Google gives it no id. */
const KEYS: readonly string[] = [
  'stream_id',
  'user_pseudo_id',
  'event_timestamp',
  'event_name',
  'event_bundle_sequence_id',
  'batch_event_index',
  'batch_page_id',
  'batch_ordering_id',
]

/** The columns that are read, as far as the table has them. Each costs its bytes. */
export const COLUMNS: readonly string[] = [
  ...KEYS,
  'event_params',
  'user_id',
  'user_properties',
  'privacy_info',
  'device',
  'geo',
  'app_info',
  'collected_traffic_source',
  'platform',
  'items',
]

/** Our context <- columns. */
const CONTEXT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  device: { type: 'device.category', manufacturer: 'device.mobile_brand_name', model: 'device.mobile_model_name', id: 'device.vendor_id' },
  os: { name: 'device.operating_system', version: 'device.operating_system_version' },
  location: { country: 'geo.country', region: 'geo.region', city: 'geo.city' },
  app: { namespace: 'app_info.id', version: 'app_info.version' },
  campaign: {
    name: 'collected_traffic_source.manual_campaign_name',
    source: 'collected_traffic_source.manual_source',
    medium: 'collected_traffic_source.manual_medium',
    term: 'collected_traffic_source.manual_term',
    content: 'collected_traffic_source.manual_content',
  },
}

/** Consent of the export -> the category it is here. */
const STORAGE: Readonly<Record<string, string>> = { analytics_storage: 'analytics', ads_storage: 'ad_user_data' }

/** The events a row stands for: its own, and what it says of the person for the first time. Without any id there is nobody it could be of. */
export function fromRow(row: Row, arrival: RowArrival): readonly Reading[] {
  const instance = text(row['user_pseudo_id'])
  const userId = text(row['user_id'])
  const micros = text(row['event_timestamp'])
  const name = text(row['event_name'])
  if (instance === undefined && userId === undefined) return [{ kind: 'ignored' }]
  if (name === undefined || micros === undefined) return [{ kind: 'rejected', reason: 'event_name and event_timestamp: a row needs both', raw: row }]

  const { [MARK]: marked, [HAPPENED_AT]: happenedAt, ...params } = valuesOf(row['event_params'])
  const mark = readMark(marked)
  const stream = text(row['stream_id']) ?? ''
  const timestamp = mark !== undefined && typeof happenedAt === 'number' ? happenedAt : millis(micros)
  const context: JsonObject = { ...contextOf(row, stream, instance), ...(mark === undefined ? {} : { waymark: { through: mark.through } }) }
  const ids: Record<string, Json> = { ...(userId === undefined ? {} : { userId }), ...(instance === undefined ? {} : { anonymousId: instance }) }

  const finish = (raw: Record<string, unknown>): Reading => {
    const parsed = parseEvent(raw, arrival)
    if (!parsed.ok) return { kind: 'rejected', reason: parsed.reason, raw }
    return remapped({ kind: 'event', event: parsed.value, ...(parsed.leftOut === undefined ? {} : { leftOut: parsed.leftOut }) }, arrival.mapping)
  }

  const person = personOf(
    { stream, instance, userId, traits: valuesOf(row['user_properties']), setAt: setAt(row['user_properties']) ?? timestamp, timestamp, context },
    arrival.news,
    () => '',
  ).map(finish)
  const isEcho = mark !== undefined && (name === CARRIER || (arrival.echo !== undefined && mark.through.includes(arrival.echo)))
  if (isEcho) return [...person, { kind: 'ignored' }]

  const isGroupOfNone = name === 'join_group' && params['group_id'] === undefined
  const kind = isGroupOfNone ? TRACK : (rowOfName(name) ?? TRACK)
  const items = Array.isArray(row['items']) && row['items'].length > 0 ? { items: plain(row['items']) } : {}
  const own = finish({
    type: kind.type,
    ...(kind.type === 'track' ? { event: name } : {}),
    ...fieldsOf({ ...params, ...items }, kind),
    ...ids,
    messageId: mark?.id ?? messageIdOf(row),
    timestamp,
    context,
  })
  return [...person, own]
}

/** The same whenever and from whichever table the row is read. */
function messageIdOf(row: Row): string {
  return sha256(JSON.stringify(KEYS.map((key) => text(row[key]) ?? null)))
}

/** Parameters or user properties: each the one value of it that is not null. */
function valuesOf(entries: unknown): Record<string, Json> {
  if (!Array.isArray(entries)) return {}
  const values = entries.filter(isObject).flatMap((entry): [string, Json][] => {
    const key = text(entry['key'])
    const value = isObject(entry['value']) ? entry['value'] : {}
    const found = ['string_value', 'int_value', 'double_value', 'float_value'].map((field) => value[field]).find((one) => one !== null && one !== undefined)
    if (key === undefined || found === undefined) return []
    return [[key, value['string_value'] === found ? String(found) : numeric(found)]]
  })
  return Object.fromEntries(values)
}

function setAt(entries: unknown): number | undefined {
  const times = (Array.isArray(entries) ? entries : []).flatMap((entry) => text(at(entry, 'value.set_timestamp_micros')) ?? [])
  return times.length === 0 ? undefined : Math.max(...times.map(millis))
}

function contextOf(row: Row, stream: string, instance: string | undefined): JsonObject {
  const kind = row['platform'] === 'WEB' ? 'web' : 'app'
  const locale = text(at(row, 'device.language'))
  const gclid = text(at(row, 'collected_traffic_source.gclid'))
  const consent = Object.entries(STORAGE).flatMap(([column, category]) => {
    const said = text(at(row, `privacy_info.${column}`))
    return said === 'Yes' || said === 'No' ? [[category, said === 'Yes'] as const] : []
  })
  const table = picked(row, CONTEXT)
  return {
    firebase: { stream, ...firebaseId(kind, instance) },
    ...table,
    ...(gclid === undefined ? {} : { campaign: { ...(table['campaign'] as JsonObject | undefined), gclid } }),
    ...(locale === undefined ? {} : { locale }),
    ...(consent.length === 0 ? {} : { consent: { categoryPreferences: Object.fromEntries(consent) } }),
  }
}

/** A number; the digits as a text where a number would not hold them. */
function numeric(value: unknown): Json {
  const digits = text(value)
  if (digits === undefined) return null
  const number = Number(digits)
  return Number.isFinite(number) && (!/^-?\d+$/.test(digits) || Number.isSafeInteger(number)) ? number : digits
}

/** A value without the client's wrappers around integers. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plain)
  if (isWrapped(value)) return numeric(value)
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  return (value ?? null) as Json
}

function isWrapped(value: unknown): value is { readonly value: string } {
  return isObject(value) && typeof value['value'] === 'string' && 'type' in value
}

function text(value: unknown): string | undefined {
  if (isWrapped(value)) return value.value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function millis(micros: string): number {
  return Math.floor(Number(micros) / 1000)
}
