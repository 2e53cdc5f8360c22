import type { PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import type { Mapping, Reading } from '@waymark/kit'
import { parseJson, readBody, remapped, sha256, take } from '@waymark/kit'
import { type Arrival, fromSegment } from '../from-segment.ts'
import type { SegmentWebhookOptions } from '../options.ts'
import { refuse, taken } from '../routes/reply.ts'
import { withComputed } from './audience.ts'
import { isDeletion, subjectOf } from './deletion.ts'
import { trustIn } from './signature.ts'

/** Segment sends up to 4,000 events at once; most of theirs are far below 32 KB. */
const BODY_BYTES = 16 * 1024 * 1024

export interface Receiving {
  readonly webhook: SegmentWebhookOptions
  /** The source its events come under. */
  readonly source: string
  readonly mapping: Mapping | undefined
  readonly echo: string | undefined
}

/** Takes what Segment itself sends: one event or a batch, signed with the shared secret, and notices that somebody is to be forgotten. */
export async function receive(request: Request, receiving: Receiving, context: PluginContext): Promise<Response> {
  const body = await readBody(request, { bytes: BODY_BYTES, mend: 'send fewer events at a time: set a smaller batch in Segment' })
  if (!body.ok) return refuse(body.refusal)
  const parsed = parseJson(body.value.bytes)
  const trust = trustIn(request.headers, body.value.bytes, parsed, receiving.webhook)
  if ('mistrusted' in trust) return refuse({ status: 401, code: 'not_signed', message: trust.mistrusted })
  const messages: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
  if (!messages.every(isObject)) return refuse({ status: 400, code: 'malformed_json', message: 'the body is not JSON; send one event, or a list of them' })
  const readings: Reading[] = []
  for (const [index, message] of messages.entries()) {
    const isVouchedFor = trust.covers === 'all' || index === 0
    readings.push(isDeletion(message) ? await forget(message, isVouchedFor, context) : readOne(message, receiving, context))
  }
  return taken(await take(readings, receiving.source, context))
}

function readOne(message: Record<string, unknown>, { source, echo, mapping }: Receiving, context: PluginContext): Reading {
  // The same id for a request that is sent again.
  const arrival: Arrival = { source, receivedAt: context.clock.now(), measure: true, echo, id: () => sha256(JSON.stringify(message)) }
  return remapped(fromSegment(withComputed(message, source), arrival), mapping?.incoming)
}

/** Has the host forget the user before anything else of the request is taken in. A notice that cannot be followed is kept with the reason. */
async function forget(notice: Record<string, unknown>, isVouchedFor: boolean, context: PluginContext): Promise<Reading> {
  const subject = subjectOf(notice, isVouchedFor)
  if ('reason' in subject) {
    context.log.warn('a notice to delete a user could not be followed, and is in quarantine', { reason: subject.reason })
    return { kind: 'rejected', reason: subject.reason, raw: notice }
  }
  await context.erase(subject)
  return { kind: 'ignored' }
}
