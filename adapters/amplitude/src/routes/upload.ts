import type { PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import { moment, parseJson, readBody, unlessBusy } from '@waymark/kit'
import { CLOCK_GAP, UPLOAD, type UploadApi } from '../limits.ts'
import { type Collecting, collect } from './collect.ts'
import { refuse, reply } from './reply.ts'

/** Takes what SDKs send to `/2/httpapi` and `/batch`, whatever they call it: beacons are `text/plain`. */
export async function collectUpload(request: Request, api: UploadApi, collecting: Collecting, context: PluginContext): Promise<Response> {
  const limits = UPLOAD[api]
  const body = await readBody(request, { bytes: limits.bytes, mend: 'send less at a time' })
  if (!body.ok) return refuse(body.refusal)
  const { bytes } = body.value
  if (bytes.length === 0) return reply(400, { error: 'Missing request body' })
  const fields = parseJson(bytes)
  if (!isObject(fields)) return reply(400, { error: 'Invalid JSON request body' })
  const events = fields['events'] ?? fields['event']
  const list = isObject(events) ? [events] : events
  if (!Array.isArray(list)) return reply(400, { error: 'Request missing required field', missing_field: 'events' })
  if (list.length > limits.events) return reply(413, { error: `Payload too large: a request may have ${limits.events} events` })
  const delivery = {
    path: limits.path,
    body: body.value,
    apiKey: fields['api_key'],
    events: list,
    skew: skewOf(fields['client_upload_time'], context.clock.now()),
    ...minIdLengthOf(fields['options']),
  }
  return unlessBusy(() => collect(request, delivery, collecting, context), refuse)
}

/** Times are trusted unless the sender's clock is more than a minute off when it sends. */
function skewOf(uploadedAt: unknown, now: number): number {
  const gap = now - (moment(uploadedAt) ?? now)
  return Math.abs(gap) > CLOCK_GAP ? gap : 0
}

/** Without the sender's word ids of any length are taken, where Amplitude would strip those under 5. */
function minIdLengthOf(options: unknown): { readonly minIdLength?: number } {
  const length = isObject(options) ? options['min_id_length'] : undefined
  return typeof length === 'number' ? { minIdLength: length } : {}
}
