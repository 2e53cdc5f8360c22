import type { Refusal, Rejected } from '@waymark/kit'

/** Browsers may call from any page: what lets a sender in is the write key, and no cookie is ever read. */
export const CORS: Readonly<Record<string, string>> = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }

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

/** The answer to events that were taken, and which were not. */
export function taken(rejected: readonly Rejected[]): Response {
  return reply(rejected.length === 0 ? { success: true } : { success: true, rejected })
}
