import { isObject } from '@waymark/core'
import type { AmplitudeEvent } from '../amplitude.ts'
import type { Books } from '../books.ts'
import type { VendorAnswer, VendorRequest } from '../vendor-server.ts'

export interface UploadApi {
  readonly path: string
  readonly bytes: number
  /** Whether a refusal names every event at fault, or the first of each field. */
  readonly namesAll: boolean
}

export const UPLOAD: readonly UploadApi[] = [
  { path: '/2/httpapi', bytes: 1024 * 1024, namesAll: false },
  { path: '/batch', bytes: 20 * 1024 * 1024, namesAll: true },
]

export interface Rules {
  readonly throttled: ReadonlySet<string>
  readonly exhausted: ReadonlySet<string>
  readonly silenced: ReadonlySet<string>
  readonly apiKeys: readonly string[] | undefined
}

const EVENTS = 2000
const DEPTH = 40
const TEXT = 1024
const BANNED = ['anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '', '{}', 'lmy47d', '0', '-1', '00000000-0000-0000-0000-000000000000']

type Event = Record<string, unknown>
type Faults = Record<string, number[]>

export function answerUpload(request: VendorRequest, books: Books<AmplitudeEvent>, api: UploadApi, rules: Rules): VendorAnswer {
  const { json } = request
  if (request.text === '') return refuse(400, 'Missing request body')
  if (request.sent.length > api.bytes) return refuse(413, 'Payload too large')
  if (!isObject(json)) return refuse(400, 'Invalid JSON request body')
  for (const field of ['api_key', 'events']) {
    if (json[field] === undefined) return { status: 400, body: { code: 400, error: 'Request missing required field', missing_field: field } }
  }
  if (rules.apiKeys?.includes(String(json['api_key'])) === false) return refuse(400, `Invalid API key: ${String(json['api_key'])}`)
  const events = json['events']
  if (!Array.isArray(events) || !events.every(isObject)) return refuse(400, 'Invalid event JSON')
  if (events.length > EVENTS) return refuse(413, 'Payload too large')
  const options = isObject(json['options']) ? json['options'] : {}
  const least = typeof options['min_id_length'] === 'number' ? options['min_id_length'] : 5

  const faults = faultsOf(events, least, rules)
  const kept = events.map((event) => keptOf(event, least))
  const items = kept.map((value) => ({ key: keyOf(value), value: value as AmplitudeEvent }))
  const picked = books.refused(items)
  if (picked.length > 0) faults.invalid['event_properties'] = [...(faults.invalid['event_properties'] ?? []), ...picked]
  if (faults.silenced.length + [faults.invalid, faults.missing, faults.short].flatMap((one) => Object.keys(one)).length > 0) {
    const named = (one: Faults) => Object.fromEntries(Object.entries(one).map(([field, places]) => [field, api.namesAll ? places : places.slice(0, 1)]))
    return {
      status: 400,
      body: {
        code: 400,
        error: 'Invalid field values on some events',
        events_with_invalid_fields: named(faults.invalid),
        events_with_missing_fields: named(faults.missing),
        events_with_invalid_id_lengths: named(faults.short),
        silenced_events: faults.silenced,
      },
    }
  }
  const rate = rateOf(events, rules)
  if (rate !== undefined) return { status: 429, body: { code: 429, error: 'Too many requests for some devices and users', eps_threshold: 30, ...rate } }
  books.keep(items)
  return { status: 200, body: { code: 200, events_ingested: events.length, payload_size_bytes: request.sent.length, server_upload_time: 1_396_381_378_123 } }
}

function faultsOf(events: readonly Event[], least: number, rules: Rules): { invalid: Faults; missing: Faults; short: Faults; silenced: number[] } {
  const faults = { invalid: {} as Faults, missing: {} as Faults, short: {} as Faults, silenced: [] as number[] }
  const note = (list: Faults, field: string, place: number) => {
    list[field] = [...(list[field] ?? []), place]
  }
  for (const [place, event] of events.entries()) {
    const ids = ['user_id', 'device_id'].filter((field) => event[field] !== undefined && event[field] !== null)
    for (const field of ids) if (BANNED.includes(String(event[field]).toLowerCase())) note(faults.invalid, field, place)
    const isAbout = event['event_type'] !== '$groupidentify'
    if (isAbout && ids.length === 0) note(faults.missing, 'user_id', place)
    else if (isAbout && ids.every((field) => String(event[field]).length < least)) note(faults.short, ids[0]!, place)
    if (typeof event['event_type'] !== 'string' || event['event_type'] === '') note(faults.missing, 'event_type', place)
    if (event['time'] !== undefined && !Number.isInteger(event['time'])) note(faults.invalid, 'time', place)
    for (const field of ['event_properties', 'user_properties', 'group_properties']) if (depthOf(event[field]) > DEPTH) note(faults.invalid, field, place)
    if (rules.silenced.has(String(event['device_id']))) faults.silenced.push(place)
  }
  return faults
}

function rateOf(events: readonly Event[], { throttled, exhausted }: Rules): object | undefined {
  const named = (field: string, who: ReadonlySet<string>) =>
    Object.fromEntries(events.flatMap((event) => (who.has(String(event[field])) ? [[String(event[field]), 31]] : [])))
  const places = events.flatMap((event, place) => (throttled.has(String(event['user_id'])) || throttled.has(String(event['device_id'])) ? [place] : []))
  const rate = {
    throttled_users: named('user_id', throttled),
    throttled_devices: named('device_id', throttled),
    throttled_events: places,
    exceeded_daily_quota_users: named('user_id', exhausted),
    exceeded_daily_quota_devices: named('device_id', exhausted),
  }
  return Object.values(rate).every((one) => Object.keys(one).length === 0) ? undefined : rate
}

/** Without ids that are too short, with texts cut; and of properties with operations nothing else. */
function keptOf(event: Event, least: number): Event {
  const kept = trimmed(event) as Event
  for (const field of ['user_id', 'device_id']) if (kept[field] !== undefined && String(kept[field]).length < least) delete kept[field]
  for (const field of ['user_properties', 'group_properties']) {
    const properties = kept[field]
    if (!isObject(properties) || !Object.keys(properties).some((key) => key.startsWith('$'))) continue
    kept[field] = Object.fromEntries(Object.entries(properties).filter(([key]) => key.startsWith('$')))
  }
  return kept
}

function trimmed(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, TEXT)
  if (Array.isArray(value)) return value.map(trimmed)
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, trimmed(inner)])) : value
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function keyOf(event: Event): string {
  return `${String(event['device_id'] ?? event['user_id'])} ${String(event['insert_id'])}`
}

function refuse(code: number, error: string): VendorAnswer {
  return { status: code, body: { code, error } }
}
