import { isObject } from '@waymark/core'
import type { Books } from './books.ts'
import type { VendorAnswer, VendorRequest, VendorServer } from './vendor-server.ts'
import { vendorServer } from './vendor-server.ts'

/** What Mixpanel has in the end: an event of /import or /track, or an update of a profile (/engage) or a group (/groups) as it came. */
export type MixpanelRecord = Readonly<Record<string, unknown>> & { readonly endpoint: 'import' | 'track' | 'engage' | 'groups' }

export interface FakeMixpanel extends VendorServer<MixpanelRecord> {
  /** What the data-deletion API says of every task, and in which of its two shapes it names one. */
  deletion: { status: string; shape: 'task_id' | 'tracking_id' }
  /** A body that every answer of /engage and /groups has, with its status, in place of its own. */
  odd: { readonly status: number; readonly body: string } | undefined
  /** Lines of the raw export by day, `2026-01-31`. */
  readonly days: Map<string, readonly unknown[]>
  /** What a query of profiles finds. */
  readonly profiles: unknown[]
}

const ROWS = 2000
const REQUEST_BYTES = 10 * 1024 * 1024
const ROW_BYTES = 1024 * 1024
const PROPERTIES = 254
const AHEAD_SECONDS = 3600
const TRACK_DAYS = 5
const IDS_A_DELETION = 1999
const PROFILES_A_PAGE = 1000
const MILLISECONDS_FROM = 31_536_000_000
const INSERT_ID = /^[A-Za-z0-9-]{1,36}$/
const FORBIDDEN: readonly string[] = [
  ...['00000000-0000-0000-0000-000000000000', 'anon', 'anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '<nil>'],
  ...['0', '-1', 'true', 'false', '[]', '{}'],
]

/**
 * Mixpanel on this machine: `/import` (strict, with partial failures), `/track`, `/engage`, `/groups`, the raw export, the query of profiles and data
 * deletions. An event is known again by its name, distinct_id, time and $insert_id; updates of profiles are kept as often as they come. `/engage` and
 * `/groups` answer 200 also to what they do not take. `now` is the clock that ages are measured by.
 */
export async function fakeMixpanel({ now = Date.now }: { readonly now?: () => number } = {}): Promise<FakeMixpanel> {
  let updates = 0
  const nextKey = (): string => {
    updates += 1
    return `update-${updates}`
  }
  const tasks: string[] = []
  const server = await vendorServer<MixpanelRecord>((request, books) => {
    const { path } = request
    if (path === '/import') return imported(request, books, now())
    if (path === '/track') return tracked(request, books, now())
    if (path === '/engage' || path === '/groups') return fake.odd ?? updated(request, books, path.slice(1) as 'engage' | 'groups', nextKey)
    if (path === '/api/2.0/export') return exported(request, fake.days)
    if (path === '/api/query/engage') return queried(request, fake.profiles)
    if (path.startsWith('/api/app/data-deletions/v3.0/')) return deleted(request, fake.deletion, tasks)
    return { status: 404, body: 'nothing here' }
  })
  const fake: FakeMixpanel = Object.assign(server, {
    deletion: { status: 'PENDING', shape: 'task_id' as const },
    odd: undefined,
    days: new Map<string, readonly unknown[]>(),
    profiles: [],
  })
  return fake
}

function imported(request: VendorRequest, books: Books<MixpanelRecord>, now: number): VendorAnswer {
  if (request.headers.authorization === undefined) return problem(401, 'Unauthorized', 'authentication is needed')
  const rows = rowsOf(request)
  if (Buffer.byteLength(request.text) > REQUEST_BYTES) return problem(413, 'Request Entity Too Large', 'request exceeds max limit of 10MB')
  if (rows === undefined || rows.length > ROWS) return problem(400, 'Bad Request', 'expected a list of at most 2000 events')
  const failures = rows.map((row) => troubleOf(row, now))
  const sound = rows.flatMap((row, index) => (failures[index] === undefined ? [{ index, key: dedupeKey(row), value: record('import', row) }] : []))
  for (const place of books.refused(sound)) failures[sound[place]!.index] = { field: 'event', message: 'refused' }
  books.keep(sound.filter(({ index }) => failures[index] === undefined))
  const failed_records = failures.flatMap((failure, index) => (failure === undefined ? [] : [{ index, ...idOf(rows[index], index), ...failure }]))
  const num_records_imported = rows.length - failed_records.length
  if (failed_records.length === 0) return { status: 200, body: { code: 200, num_records_imported, status: 'OK' } }
  return {
    status: 400,
    body: { code: 400, error: 'some data points in the request failed validation', num_records_imported, failed_records, status: 'Bad Request' },
  }
}

/** Only the last days: what is older is lost without a word. */
function tracked(request: VendorRequest, books: Books<MixpanelRecord>, now: number): VendorAnswer {
  const rows = rowsOf(request) ?? []
  const recent = rows.filter((row) => milliseconds(propertiesOf(row)['time']) > now - TRACK_DAYS * 86_400_000)
  books.keep(recent.map((row) => ({ key: dedupeKey(row), value: record('track', row) })))
  return flag(request, rows.length > 0)
}

function updated(request: VendorRequest, books: Books<MixpanelRecord>, endpoint: 'engage' | 'groups', key: () => string): VendorAnswer {
  const rows = rowsOf(request) ?? []
  const isWhole = rows.length > 0 && rows.length <= ROWS && rows.every((row) => isUpdate(row, endpoint))
  if (!isWhole) return flag(request, false)
  const items = rows.map((row) => ({ key: key(), value: record(endpoint, row) }))
  // A refused update makes the request one that is not taken: which it was, it does not say.
  if (books.refused(items).length > 0) return flag(request, false)
  books.keep(items)
  return flag(request, true)
}

function exported({ query, headers }: VendorRequest, days: ReadonlyMap<string, readonly unknown[]>): VendorAnswer {
  if (headers.authorization === undefined) return { status: 401, body: 'authentication is needed' }
  const inside = [...days].filter(([day]) => day >= (query.get('from_date') ?? '') && day <= (query.get('to_date') ?? '')).flatMap(([, lines]) => lines)
  return { status: 200, body: inside.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n') }
}

function queried({ text }: VendorRequest, profiles: readonly unknown[]): VendorAnswer {
  const form = new URLSearchParams(text)
  const page = Number(form.get('page') ?? 0)
  if (form.has('page') && form.get('session_id') !== 'session-1') return { status: 400, body: { error: 'invalid session_id' } }
  const results = profiles.slice(page * PROFILES_A_PAGE, (page + 1) * PROFILES_A_PAGE)
  return { status: 200, body: { page, page_size: PROFILES_A_PAGE, session_id: 'session-1', status: 'ok', total: profiles.length, results } }
}

function deleted(request: VendorRequest, { status, shape }: FakeMixpanel['deletion'], tasks: string[]): VendorAnswer {
  if (!request.headers.authorization?.startsWith('Bearer ')) return { status: 401, body: { error: 'OAuth token needed' } }
  if (request.method === 'GET') {
    const known = tasks.includes(request.path.split('/').at(-1) ?? '')
    return { status: 200, body: { results: { status: known ? status : 'NOT_FOUND' }, status: 'ok' } }
  }
  const ids = isObject(request.json) ? request.json['distinct_ids'] : undefined
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > IDS_A_DELETION) return { status: 400, body: { error: 'distinct_ids: 1 to 1999' } }
  const task = `task-${tasks.push(`task-${tasks.length + 1}`)}`
  return { status: 201, body: { status: 'ok', results: shape === 'task_id' ? { task_id: task } : [{ tracking_id: task, status: 'PENDING' }] } }
}

function troubleOf(row: unknown, now: number): { readonly field: string; readonly message: string } | undefined {
  const trouble = (field: string, message: string) => ({ field, message })
  const properties = propertiesOf(row)
  const event = isObject(row) ? row['event'] : undefined
  if (typeof event !== 'string' || event === '' || event.length > 255) return trouble('event', "'event' must be a string of 1 to 255 characters")
  if (Buffer.byteLength(JSON.stringify(row)) > ROW_BYTES) return trouble('event', 'event exceeds 1MB')
  const time = milliseconds(properties['time'])
  if (Number.isNaN(time) || time < Date.UTC(1971, 0))
    return trouble('properties.time', "'properties.time' is invalid: must be specified as seconds since epoch")
  if (time > now + AHEAD_SECONDS * 1000) return trouble('properties.time', "'properties.time' is invalid: more than 1 hour in the future")
  const id = properties['distinct_id']
  if (typeof id !== 'string') return trouble('properties.distinct_id', "'properties.distinct_id' must be a string")
  if (FORBIDDEN.includes(id.toLowerCase())) return trouble('properties.distinct_id', `'properties.distinct_id' is invalid: ${id}`)
  const insert = properties['$insert_id']
  if (typeof insert !== 'string' || !INSERT_ID.test(insert) || FORBIDDEN.includes(insert.toLowerCase()))
    return trouble('properties.$insert_id', "'properties.$insert_id' only takes alphanumeric characters and -")
  return Object.keys(properties).length > PROPERTIES ? trouble('properties', 'must have fewer than 255 properties') : undefined
}

function isUpdate(row: unknown, endpoint: 'engage' | 'groups'): boolean {
  if (!isObject(row) || typeof row['$token'] !== 'string') return false
  return endpoint === 'engage' ? typeof row['$distinct_id'] === 'string' : typeof row['$group_key'] === 'string' && typeof row['$group_id'] === 'string'
}

/** The rows of a JSON body, or of the base64 in a form, whose pluses nobody escapes. */
function rowsOf({ json, text }: VendorRequest): readonly unknown[] | undefined {
  const data = /(?:^|&)data=([^&]*)/.exec(text)?.[1]
  const whole = json ?? (data === undefined ? undefined : parsed(Buffer.from(decodeURIComponent(data), 'base64').toString()))
  return Array.isArray(whole) ? whole : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function dedupeKey(row: unknown): string {
  const { distinct_id, time, $insert_id } = propertiesOf(row)
  return JSON.stringify([isObject(row) ? row['event'] : '', distinct_id, milliseconds(time), $insert_id])
}

function record(endpoint: MixpanelRecord['endpoint'], row: unknown): MixpanelRecord {
  return { ...(row as Record<string, unknown>), endpoint }
}

function propertiesOf(row: unknown): Record<string, unknown> {
  return isObject(row) && isObject(row['properties']) ? row['properties'] : {}
}

function milliseconds(time: unknown): number {
  return typeof time !== 'number' ? Number.NaN : time < MILLISECONDS_FROM ? time * 1000 : time
}

/** The id key is one in one record and another in the next. */
function idOf(row: unknown, index: number): Record<string, unknown> {
  return { [index % 2 === 0 ? 'insert_id' : '$insert_id']: propertiesOf(row)['$insert_id'] ?? '' }
}

function problem(code: number, status: string, error: string): VendorAnswer {
  return { status: code, body: { code, error, status } }
}

function flag({ query }: VendorRequest, isTaken: boolean): VendorAnswer {
  if (query.get('verbose') !== '1') return { status: 200, body: isTaken ? '1' : '0' }
  return { status: 200, body: isTaken ? { status: 1, error: null } : { status: 0, error: 'some data points in the request failed validation' } }
}
