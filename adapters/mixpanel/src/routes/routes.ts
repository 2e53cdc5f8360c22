import type { Route } from '@waymark/core'
import { readBody } from '@waymark/kit'
import { INCOMING_BYTES } from '../limits.ts'
import { type Collecting, collect } from './collect.ts'
import { type Endpoint, json, preflight } from './reply.ts'

const ENDPOINTS: readonly Endpoint[] = ['/track', '/import', '/engage', '/groups']

/** What the browser SDK asks for besides, where it is told to: there are no flags, no remote settings, and recordings are not kept. */
const EMPTY: Readonly<Record<string, unknown>> = { '/decide': {}, '/flags': { flags: {} }, '/settings': {}, '/record': {} }

/** Every endpoint that Mixpanel's SDKs call, each with the preflight that browsers make. */
export function routes(collecting: Collecting): readonly Route[] {
  return [
    ...ENDPOINTS.flatMap((path) => both(path, (request, _, context) => collect(path, request, collecting, context))),
    ...Object.keys(EMPTY).flatMap(empty),
  ]
}

function empty(path: string): readonly Route[] {
  return both(path, async (request) => {
    if (request.method === 'POST') await readBody(request, { bytes: INCOMING_BYTES, mend: 'send less at a time' })
    return json(request, 200, EMPTY[path])
  })
}

function both(path: string, handle: Route['handle']): readonly Route[] {
  return [
    { method: 'GET', path, handle },
    { method: 'POST', path, handle },
    { method: 'OPTIONS', path, handle: (request) => preflight(request) },
  ]
}
