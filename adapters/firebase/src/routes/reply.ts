import type { Refusal } from '@waymark/kit'

/** Browsers may call from any page: what lets a sender in is the secret, and no cookie is ever read. */
const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }

export function taken(): Response {
  return new Response(null, { status: 204, headers: CORS })
}

export function reply(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { ...CORS, ...headers } })
}

export function refuse({ status, code, message, headers }: Refusal): Response {
  return reply({ code, message }, status, headers)
}

export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: { ...CORS, 'access-control-allow-methods': 'POST, OPTIONS', 'access-control-allow-headers': 'content-type', 'access-control-max-age': '86400' },
  })
}
