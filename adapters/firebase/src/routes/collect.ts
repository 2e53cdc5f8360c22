import type { PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import type { Attempt, EventMapping, MirrorOptions } from '@waymark/kit'
import { mirror, parseJson, readBody, refused, take } from '@waymark/kit'
import { REQUEST_BYTES } from '../limits.ts'
import { fromMeasurement } from '../measurement/from-measurement.ts'
import { validate } from '../measurement/validate.ts'
import type { FirebaseOptions } from '../options.ts'
import type { News } from '../sources/news.ts'
import { refuse, reply, taken } from './reply.ts'
import { streamOf } from './streams.ts'

export interface Collecting {
  readonly streams: FirebaseOptions['streams']
  readonly mirror: MirrorOptions | undefined
  readonly mapping: EventMapping | undefined
  /** The tag of our own sink, whose events are not taken in again, and which need not send what the mirror has. */
  readonly echo: string | undefined
  readonly news: News
}

const COLLECT = '/mp/collect'

/** Takes a request of the Measurement Protocol: 204 once it is on disk, whatever of it went to quarantine. */
export async function collect(request: Request, collecting: Collecting, context: PluginContext): Promise<Response> {
  const { echo, mapping, news } = collecting
  const stream = streamOf(new URL(request.url).searchParams, collecting.streams)
  if (!stream.ok) return refuse(stream.refusal)
  const body = await readFields(request)
  if (!body.ok) return refuse(body.refusal)
  const { fields, sent } = body.value
  const { id, kind, source } = stream.value
  const mirrored = collecting.mirror === undefined ? undefined : echo
  const readings = fromMeasurement(fields, { source, stream: id, kind, receivedAt: context.clock.now(), echo, mirrored, mapping, news, id: () => context.id() })
  await take(readings, source, context)
  if (collecting.mirror === undefined) return taken()
  const answer = await mirror(request, COLLECT, sent, collecting.mirror, context)
  if (answer === undefined || !isRepeatable(fields)) return taken()
  return new Response(answer.body === '' ? null : answer.body, { status: answer.status, headers: answer.headers })
}

/** What is known again when it comes again: a sender may be asked for it. Without times it would count twice. */
function isRepeatable(fields: Record<string, unknown>): boolean {
  const events: readonly unknown[] = Array.isArray(fields['events']) ? fields['events'] : []
  return fields['timestamp_micros'] !== undefined || events.every((event) => isObject(event) && event['timestamp_micros'] !== undefined)
}

/** Says what Google would find wrong, and takes nothing in. */
export async function debug(request: Request): Promise<Response> {
  const body = await readBody(request, { bytes: REQUEST_BYTES, mend: 'send fewer events at a time' })
  if (!body.ok) return refuse(body.refusal)
  const query = new URL(request.url).searchParams
  return reply({ validationMessages: validate(parseJson(body.value.bytes), query.get('measurement_id') === null ? 'app' : 'web') })
}

async function readFields(request: Request): Promise<Attempt<{ readonly fields: Record<string, unknown>; readonly sent: Uint8Array }>> {
  const body = await readBody(request, { bytes: REQUEST_BYTES, mend: 'send fewer events at a time' })
  if (!body.ok) return body
  const fields = parseJson(body.value.bytes)
  if (!isObject(fields)) return refused(400, 'malformed_json', 'the body is not a JSON object in UTF-8; send { "app_instance_id": …, "events": [ … ] }')
  return { ok: true, value: { fields, sent: body.value.sent } }
}
