import type { SourceOf } from '@waymark/kit'
import { refuse, reply } from './reply.ts'

/**
 * What Segment's browser SDK asks for before it starts. Only an integration named `Segment.io` makes it send here: without
 * that key it would turn to Segment's own servers, whatever it was told. A second one would load code from Segment.
 */
export function settings(request: Request, writeKey: string, sourceOf: SourceOf, publicUrl: string | undefined): Response {
  if (sourceOf(writeKey) === undefined) {
    return refuse({
      status: 404,
      code: 'unknown_write_key',
      message: 'this write key is not let in: use one that segment({ writeKeys }) names, or add it there',
    })
  }
  const asked = new URL(request.url)
  const seen = publicUrl === undefined ? asked : new URL(publicUrl)
  const outside = publicUrl === undefined ? '' : seen.pathname.replace(/\/+$/, '')
  // Events go next to where the settings are: asked under /segment/v1, it answers with /segment/v1.
  const folder = asked.pathname.replace(/\/projects\/[^/]+\/settings\/?$/, '')
  return reply(
    {
      integrations: { 'Segment.io': { apiKey: writeKey, apiHost: `${seen.host}${outside}${folder}`, protocol: seen.protocol.replace(':', '') } },
      metrics: { sampleRate: 0 },
    },
    200,
    { 'cache-control': 'no-cache' },
  )
}
