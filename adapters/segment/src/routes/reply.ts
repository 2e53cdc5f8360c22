/** Browsers may call from any page: what lets a sender in is the write key, and no cookie is ever read. */
const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }

/** Why a request is not served: `code` for programs, `message` for people, naming what to change. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

export function refused(status: number, code: string, message: string, headers: Record<string, string> = {}): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { status, code, message, headers } }
}

export function refuse({ status, code, message, headers }: Refusal): Response {
  return reply({ success: false, code, message }, status, headers)
}

export function reply(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { ...CORS, ...headers } })
}

/** The answer to a browser that asks before it sends: SDKs add basic authorization and, on later attempts, a retry count. */
export function preflight(method: 'GET' | 'POST'): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...CORS,
      'access-control-allow-methods': `${method}, OPTIONS`,
      'access-control-allow-headers': 'authorization, content-type, x-retry-count',
      'access-control-max-age': '86400',
    },
  })
}
