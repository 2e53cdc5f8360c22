import type { Refusal } from '@waymark/kit'
import type { Fault } from '../wire-ids.ts'

const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }

/** Amplitude's SDKs go by `code` in the body and not by the status: every answer has it. */
export function reply(status: number, body: Readonly<Record<string, unknown>> = {}, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ code: status, ...body }, { status, headers: { ...CORS, ...headers } })
}

/** `error` begins as Amplitude's own, which is what SDKs look for. */
export function refuse({ status, message, headers }: Refusal, error: string = errorOf(status)): Response {
  return reply(status, { error: error === '' ? message : `${error}: ${message}` }, headers)
}

function errorOf(status: number): string {
  return status === 413 ? 'Payload too large' : status === 400 ? 'Invalid JSON request body' : ''
}

/** Which events were not taken, in Amplitude's words. Senders take those out and send the rest again, which is known by its ids. */
export function invalid(faults: readonly (readonly [index: number, fault: Fault])[]): Response {
  const lists: Record<Fault['kind'], Record<string, number[]>> = { invalid: {}, missing: {}, 'id length': {} }
  for (const [index, { kind, field }] of faults) lists[kind][field] = [...(lists[kind][field] ?? []), index]
  return reply(400, {
    error: `Invalid field values on some events: ${faults[0]?.[1].reason}`,
    events_with_invalid_fields: lists.invalid,
    events_with_missing_fields: lists.missing,
    events_with_invalid_id_lengths: lists['id length'],
  })
}

/** What browsers ask before they send. */
export function preflight(methods: readonly ('GET' | 'POST')[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...CORS,
      'access-control-allow-methods': [...methods, 'OPTIONS'].join(', '),
      'access-control-allow-headers': 'content-type, content-encoding',
      'access-control-max-age': '86400',
    },
  })
}
