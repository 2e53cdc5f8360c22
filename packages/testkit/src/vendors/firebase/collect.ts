import { isObject } from '@waymark/core'
import type { Books } from '../books.ts'
import type { VendorAnswer, VendorRequest } from '../vendor-server.ts'

/** An event as Google Analytics has it, with what its request said of the user. */
export interface CollectedEvent {
  readonly stream: string
  readonly secret: string
  readonly instance: string | undefined
  readonly userId: string | undefined
  readonly userProperties: Readonly<Record<string, unknown>>
  readonly consent: unknown
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  readonly timestampMicros: number | undefined
}

const TAKEN: VendorAnswer = { status: 204 }
const REQUEST_BYTES = 130_000
const EVENTS = 25
const RESERVED = [
  'first_open',
  'first_visit',
  'session_start',
  'user_engagement',
  'screen_view',
  'app_remove',
  'app_update',
  'error',
  'in_app_purchase',
  'ad_click',
]

/** `/mp/collect`: 204 to whatever is small enough, secret or none. What Google would not take vanishes behind it. */
export function collect(request: VendorRequest, books: Books<CollectedEvent>, unnamed: () => string): VendorAnswer {
  if (request.sent.length > REQUEST_BYTES) return { status: 413 }
  const { json, query } = request
  if (!isObject(json) || faultsOf(json, query).length > 0) return TAKEN
  const instance = json['app_instance_id'] ?? json['client_id']
  const items = (json['events'] as Record<string, unknown>[]).map((event) => {
    const params = isObject(event['params']) ? event['params'] : {}
    const value: CollectedEvent = {
      stream: query.get('firebase_app_id') ?? query.get('measurement_id') ?? '',
      secret: query.get('api_secret') ?? '',
      instance: typeof instance === 'string' ? instance : undefined,
      userId: typeof json['user_id'] === 'string' ? json['user_id'] : undefined,
      userProperties: isObject(json['user_properties']) ? json['user_properties'] : {},
      consent: json['consent'],
      name: String(event['name']),
      params,
      timestampMicros: typeof event['timestamp_micros'] === 'number' ? event['timestamp_micros'] : undefined,
    }
    return { key: typeof params['waymark_id'] === 'string' ? params['waymark_id'] : unnamed(), value }
  })
  if (books.refused(items).length > 0) return { status: 400 }
  books.keep(items)
  return TAKEN
}

/** `/debug/mp/collect`: what Google would find wrong. It keeps nothing and looks at no secret. */
export function debug({ json, query }: VendorRequest): VendorAnswer {
  return { status: 200, body: { validationMessages: faultsOf(json, query) } }
}

interface Fault {
  readonly fieldPath: string
  readonly description: string
  readonly validationCode: string
}

function faultsOf(json: unknown, query: URLSearchParams): readonly Fault[] {
  const fault = (fieldPath: string, validationCode: string): Fault => ({ fieldPath, description: `${fieldPath} is wrong`, validationCode })
  if (!isObject(json)) return [fault('', 'VALUE_INVALID')]
  const id = query.get('measurement_id') === null ? 'app_instance_id' : 'client_id'
  const { events } = json
  if (typeof json[id] !== 'string' || json[id] === '') return [fault(id, 'VALUE_REQUIRED')]
  if (!Array.isArray(events) || events.length === 0) return [fault('events', 'VALUE_REQUIRED')]
  if (events.length > EVENTS) return [fault('events', 'EXCEEDED_MAX_ENTITIES')]
  const properties = isObject(json['user_properties']) ? Object.entries(json['user_properties']) : []
  return [
    ...(properties.length > 25 ? [fault('user_properties', 'EXCEEDED_MAX_ENTITIES')] : []),
    ...properties.flatMap(([name, property]) => [
      ...nameFaults(name, `user_properties.${name}`, 24),
      ...(isObject(property) && String(property['value']).length <= 36 ? [] : [fault(`user_properties.${name}`, 'VALUE_OUT_OF_BOUNDS')]),
    ]),
    ...events.flatMap((event: unknown, index) => {
      const path = `events[${index}]`
      if (!isObject(event) || typeof event['name'] !== 'string') return [fault(`${path}.name`, 'VALUE_REQUIRED')]
      const params = isObject(event['params']) ? Object.entries(event['params']) : []
      return [
        ...(RESERVED.includes(event['name']) ? [fault(`${path}.name`, 'NAME_RESERVED')] : nameFaults(event['name'], `${path}.name`, 40)),
        ...(params.length > 25 ? [fault(`${path}.params`, 'EXCEEDED_MAX_ENTITIES')] : []),
        ...params.flatMap(([name, value]) => [
          ...nameFaults(name, `${path}.params.${name}`, 40),
          ...(typeof value === 'string' && value.length > mostOf(name) ? [fault(`${path}.params.${name}`, 'VALUE_OUT_OF_BOUNDS')] : []),
          ...(typeof value === 'boolean' || value === null || (typeof value === 'object' && name !== 'items')
            ? [fault(`${path}.params.${name}`, 'VALUE_INVALID')]
            : []),
        ]),
      ]
    }),
  ]

  function nameFaults(name: string, path: string, length: number): readonly Fault[] {
    if (/^(_|firebase_|ga_|google_|gtag\.)/.test(name)) return [fault(path, 'NAME_RESERVED')]
    return /^[A-Za-z][A-Za-z0-9_]*$/.test(name) && name.length <= length ? [] : [fault(path, 'NAME_INVALID')]
  }
}

function mostOf(param: string): number {
  return { page_title: 300, page_referrer: 420, page_location: 1000 }[param] ?? 100
}
