import type { PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import type { Mapping, Reading } from '@waymark/kit'
import { parseJson, readBody, remapped, sha256, take } from '@waymark/kit'
import { type Arrival, fromSegment } from '../from-segment.ts'
import type { SegmentWebhookOptions } from '../options.ts'
import { refuse, reply, taken } from '../routes/reply.ts'
import { withComputed } from './audience.ts'
import { mistrust } from './signature.ts'

/** Segment sends up to 4,000 events at once; most of theirs are far below 32 KB. */
const BODY_BYTES = 16 * 1024 * 1024

export interface Receiving {
  readonly webhook: SegmentWebhookOptions
  /** The source its events come under. */
  readonly source: string
  readonly mapping: Mapping | undefined
  readonly echo: string | undefined
}

/** Takes what Segment itself sends: one event or a batch, signed with the shared secret. */
export async function receive(request: Request, { webhook, source, mapping, echo }: Receiving, context: PluginContext): Promise<Response> {
  const body = await readBody(request, { bytes: BODY_BYTES, mend: 'send fewer events at a time: set a smaller batch in Segment' })
  if (!body.ok) return refuse(body.refusal)
  const parsed = parseJson(body.value.bytes)
  const mistrusted = mistrust(request.headers, body.value.bytes, parsed, webhook)
  if (mistrusted !== undefined) return refuse({ status: 401, code: 'not_signed', message: mistrusted })
  const messages = Array.isArray(parsed) ? parsed : [parsed]
  if (parsed === undefined || messages.some((message) => !isObject(message))) {
    return refuse({ status: 400, code: 'malformed_json', message: 'the body is not JSON; send one event, or a list of them' })
  }
  const readings = messages.map((message: Record<string, unknown>): Reading => {
    const arrival: Arrival = {
      source,
      receivedAt: context.clock.now(),
      measure: true,
      echo,
      // The same for a request that is sent again.
      id: () => sha256(JSON.stringify(message)),
    }
    return message['type'] === 'delete' ? deletion(message) : remapped(fromSegment(withComputed(message, source), arrival), mapping?.incoming)
  })
  const rejected = await take(readings, source, context)
  const notices = readings.filter((reading) => reading.kind === 'rejected' && isDeletion(reading.raw)).length
  if (notices > 0)
    context.log.warn('Segment tells that users are to be deleted; they are in quarantine, and have to be erased here by hand', { source, notices })
  return rejected.length === notices ? reply({ success: true }) : taken(rejected)
}

/** A plugin cannot have a user erased, so that the notice is kept where somebody sees it. */
function deletion(message: Record<string, unknown>): Reading {
  const id = message['userId'] ?? message['anonymousId']
  return {
    kind: 'rejected',
    reason: `Segment was asked to delete the user ${JSON.stringify(id)}: run 'waymark privacy erase' for them, then discard this`,
    raw: message,
  }
}

function isDeletion(raw: unknown): boolean {
  return isObject(raw) && raw['type'] === 'delete'
}
