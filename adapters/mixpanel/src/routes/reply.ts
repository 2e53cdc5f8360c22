import type { Refusal, Rejected } from '@waymark/kit'

/** Where events, profiles and groups are sent to. */
export type Endpoint = '/track' | '/import' | '/engage' | '/groups'

/** What a sender wants to hear: text, JSON, a picture, or the account of a strict import. */
export type Form = 'text' | 'verbose' | 'image' | 'strict'

/** A transparent picture of one pixel. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

/** The answer to rows that were read: `1`, or `0` when some could not be. A strict import hears of each by its place. */
export function answer(request: Request, form: Form, rows: readonly unknown[], unread: readonly Rejected[], misfits: readonly Rejected[]): Response {
  if (form !== 'strict') return plain(request, form, 200, unread.length === 0 ? undefined : summary(unread, rows.length))
  const failed = [...unread, ...misfits].toSorted((left, right) => left.index - right.index)
  const imported = rows.length - failed.length
  if (failed.length === 0) return json(request, 200, { code: 200, num_records_imported: imported, status: 'OK' })
  const failed_records = failed.map(({ index, reason }) => ({ index, insert_id: insertIdOf(rows[index]), field: fieldOf(reason), message: reason }))
  return json(request, 400, {
    code: 400,
    error: 'some data points in the request failed validation',
    num_records_imported: imported,
    failed_records,
    status: 'Bad Request',
  })
}

/**
 * The answer to a request that is not served, in Mixpanel's own shape. But for /import its status is 200, as Mixpanel's is whatever it thinks of what was
 * sent; only what is to come again says so by its status: smaller (413), or later (503).
 */
export function refuse(request: Request, endpoint: Endpoint, form: Form, { status, message, headers }: Refusal): Response {
  if (form === 'strict') return json(request, status, { code: status, error: message, status: STATUS_TEXT[status] ?? 'Bad Request' }, headers)
  const isToComeAgain = status === 413 || status >= 500
  return plain(request, form, endpoint === '/import' || isToComeAgain ? status : 200, message, headers)
}

export function json(request: Request, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { ...cors(request), ...headers } })
}

/** The answer to a browser that asks before it sends. */
export function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...cors(request),
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type, traceparent',
      'access-control-max-age': '86400',
    },
  })
}

/** The browser SDK sends with credentials, which forbids `*`. No cookie is ever read: what lets a sender in is the token. */
export function cors({ headers }: Request): Record<string, string> {
  const origin = headers.get('origin')
  if (origin === null) return { 'access-control-allow-origin': '*', vary: 'origin' }
  return { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'retry-after', vary: 'origin' }
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  503: 'Service Unavailable',
}

function plain(request: Request, form: Form, status: number, error: string | undefined, headers: Readonly<Record<string, string>> = {}): Response {
  if (form === 'verbose') return json(request, status, { status: error === undefined ? 1 : 0, error: error ?? null }, headers)
  const isImage = form === 'image' && error === undefined
  const type = isImage ? 'image/gif' : 'text/plain'
  return new Response(isImage ? PIXEL : error === undefined ? '1' : '0', { status, headers: { ...cors(request), 'content-type': type, ...headers } })
}

function summary(unread: readonly Rejected[], rows: number): string {
  const [first] = unread
  return `${unread.length} of ${rows} not taken; ${first!.index}: ${first!.reason}`
}

function insertIdOf(row: unknown): unknown {
  return (row as { properties?: { $insert_id?: unknown } } | null)?.properties?.$insert_id ?? ''
}

function fieldOf(reason: string): string {
  return /^[\w.$]+(?=: )/.exec(reason)?.[0] ?? ''
}
