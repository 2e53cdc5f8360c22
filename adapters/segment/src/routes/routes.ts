import type { EventType, Route } from '@waymark/core'
import { type MirrorOptions, remapped, type SourceOf } from '@waymark/kit'
import { BATCH_BYTES } from '../limits.ts'
import type { SegmentOptions } from '../options.ts'
import { type Receiving, receive } from '../webhook/webhook.ts'
import { type Collecting, collectBatch, collectOne } from './collect.ts'
import { readFields } from './fields.ts'
import { preflight, reply } from './reply.ts'
import { settings } from './settings.ts'

/** The long paths are the public API's, the short ones those of the browser SDK. */
const SINGLE: Readonly<Record<string, EventType>> = {
  '/v1/track': 'track',
  '/v1/t': 'track',
  '/v1/identify': 'identify',
  '/v1/i': 'identify',
  '/v1/page': 'page',
  '/v1/p': 'page',
  '/v1/screen': 'screen',
  '/v1/s': 'screen',
  '/v1/group': 'group',
  '/v1/g': 'group',
  '/v1/alias': 'alias',
  '/v1/a': 'alias',
}
const BATCH: readonly string[] = ['/v1/batch', '/v1/import', '/v1/b']
const METRICS = '/v1/m'
const SETTINGS = '/v1/projects/:writeKey/settings'

/** Every endpoint that Segment's SDKs call, each with the preflight that browsers make. */
export function routes(
  options: Pick<SegmentOptions, 'publicUrl' | 'mapping'> & {
    readonly sourceOf: SourceOf
    readonly echo: string | undefined
    readonly mirror: MirrorOptions | undefined
  },
): readonly Route[] {
  const { sourceOf, echo, mirror, mapping } = options
  const collecting: Collecting = { sourceOf, echo, mirror, remap: (reading) => remapped(reading, mapping?.incoming) }
  const post = (path: string, handle: Route['handle']): Route[] => [
    { method: 'POST', path, handle },
    { method: 'OPTIONS', path, handle: () => preflight('POST') },
  ]
  return [
    ...Object.entries(SINGLE).flatMap(([path, type]) => post(path, (request, _, context) => collectOne(request, type, collecting, context))),
    ...BATCH.flatMap((path) => post(path, (request, _, context) => collectBatch(request, collecting, context))),
    // What the browser SDK says of itself; of no use here.
    ...post(METRICS, async (request) => {
      await readFields(request, BATCH_BYTES)
      return reply({ success: true })
    }),
    { method: 'GET', path: SETTINGS, handle: (request, params) => settings(request, params['writeKey'] ?? '', sourceOf, options.publicUrl) },
    { method: 'OPTIONS', path: SETTINGS, handle: () => preflight('GET') },
  ]
}

/** Where Segment itself sends. Its webhooks may be set to any of these methods. */
export function webhookRoutes(path: string, receiving: Receiving): readonly Route[] {
  return (['POST', 'PUT', 'PATCH'] as const).map((method) => ({
    method,
    path,
    handle: (request, _, context) => receive(request, receiving, context),
  }))
}
