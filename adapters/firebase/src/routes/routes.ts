import type { Route } from '@waymark/core'
import type { Collecting } from './collect.ts'
import { collect, debug } from './collect.ts'
import { preflight } from './reply.ts'

/** The Measurement Protocol's endpoints, each with the preflight that browsers make. */
export function routes(collecting: Collecting): readonly Route[] {
  const post = (path: string, handle: Route['handle']): Route[] => [
    { method: 'POST', path, handle },
    { method: 'OPTIONS', path, handle: preflight },
  ]
  return [...post('/mp/collect', (request, _, context) => collect(request, collecting, context)), ...post('/debug/mp/collect', debug)]
}
