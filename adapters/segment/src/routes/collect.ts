import type { EventType, PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import type { Attempt, MirrorOptions, Reading, Rejected, SourceOf } from '@waymark/kit'
import { jsonBytes, mirror, moment, refused, take, unsafe } from '@waymark/kit'
import type { Arrival } from '../from-segment.ts'
import { fromSegment } from '../from-segment.ts'
import { BATCH_BYTES, BATCH_EVENTS, EVENT_BYTES, EXPANDED_BYTES } from '../limits.ts'
import { readFields } from './fields.ts'
import { CORS, refuse, taken } from './reply.ts'
import { identify } from './write-key.ts'

export interface Collecting {
  readonly sourceOf: SourceOf
  /** The tag of our own sink, whose events are not taken in again. */
  readonly echo?: string | undefined
  readonly mirror?: MirrorOptions | undefined
  /** The user's own mapping. */
  remap(reading: Reading): Reading
}

/** Takes one event, of a kind the path tells. */
export async function collectOne(request: Request, type: EventType, collecting: Collecting, context: PluginContext): Promise<Response> {
  const body = await readFields(request, EVENT_BYTES)
  if (!body.ok) return refuse(body.refusal)
  const { fields } = body.value
  const source = identify(request.headers, fields, collecting.sourceOf)
  if (!source.ok) return refuse(source.refusal)
  const reading = collecting.remap(fromSegment(fields, { ...arrival(source.value, collecting, context), type, measure: false }))
  const rejected = await take([reading], source.value, context)
  if (reading.kind === 'rejected') return refuse({ status: 400, code: 'invalid_event', message: reading.reason })
  return answer(rejected, request, body.value.sent, collecting, context)
}

/** Takes a batch: what cannot be read is kept aside and named in the answer, the rest goes on. */
export async function collectBatch(request: Request, collecting: Collecting, context: PluginContext): Promise<Response> {
  const body = await readFields(request, BATCH_BYTES)
  if (!body.ok) return refuse(body.refusal)
  const { fields, bytes } = body.value
  const source = identify(request.headers, fields, collecting.sourceOf)
  if (!source.ok) return refuse(source.refusal)
  const batch: unknown = fields['batch']
  if (!Array.isArray(batch)) return refuse({ status: 400, code: 'no_batch', message: "send the events as an array named 'batch'" })
  const common = commonFields(fields, batch.length)
  if (!common.ok) return refuse(common.refusal)
  const shared = { ...arrival(source.value, collecting, context), ...common.value, sentAt: moment(fields['sentAt']), measure: bytes > EVENT_BYTES }
  const readings = batch.map((message, index): Reading => {
    if (index < BATCH_EVENTS) return collecting.remap(fromSegment(message, shared))
    return { kind: 'rejected', reason: `a batch may have ${BATCH_EVENTS} events; send this one in another`, raw: { index } }
  })
  return answer(await take(readings, source.value, context), request, body.value.sent, collecting, context)
}

function arrival(source: string, collecting: Collecting, context: PluginContext): Omit<Arrival, 'measure'> {
  return { source, receivedAt: context.clock.now(), echo: collecting.echo, id: () => context.id() }
}

function commonFields(fields: Record<string, unknown>, events: number): Attempt<Pick<Arrival, 'context' | 'integrations' | 'commonBytes'>> {
  const context = isObject(fields['context']) ? fields['context'] : undefined
  const integrations = isObject(fields['integrations']) ? fields['integrations'] : undefined
  const danger = unsafe(context) ?? unsafe(integrations)
  if (danger !== undefined) return refused(400, 'invalid_context', `the batch's context or integrations cannot be used: ${danger}`)
  const commonBytes = [context, integrations].reduce((sum, value) => sum + (value === undefined ? 0 : jsonBytes(value)), 0)
  if (commonBytes * events > EXPANDED_BYTES) {
    return refused(
      400,
      'context_too_large',
      `the batch's context has ${commonBytes} bytes and goes into each of ${events} events; make it smaller or send fewer`,
    )
  }
  return { ok: true, value: { context, integrations, commonBytes } }
}

/** Where a mirror is wanted, Segment gets the request too, and what it says to it may be for the sender to hear. */
async function answer(
  rejected: readonly Rejected[],
  request: Request,
  sent: Uint8Array,
  { mirror: options }: Collecting,
  context: PluginContext,
): Promise<Response> {
  if (options === undefined) return taken(rejected)
  const path = new URL(request.url).pathname
  const instead = await mirror(request, path.slice(path.indexOf('/v1/')), sent, options, context)
  return instead === undefined ? taken(rejected) : new Response(instead.body, { status: instead.status, headers: { ...CORS, ...instead.headers } })
}
