import type { JsonObject, PluginContext, Route } from '@waymark/core'
import { isObject, parseEvent } from '@waymark/core'
import { isSameSecret, parseJson, type Reading, readBody, remapped, sha256, take, unlessBusy, unsafe } from '@waymark/kit'
import { membershipEvent } from '../cohort.ts'
import type { Arrival } from '../from-amplitude.ts'
import { fromExport } from '../from-export.ts'
import { UPLOAD } from '../limits.ts'
import type { AmplitudeOptions, WebhookOptions } from '../options.ts'
import { refuse, reply } from './reply.ts'

export interface WebhookParts extends Pick<AmplitudeOptions, 'mapping'> {
  readonly webhooks: WebhookOptions
  readonly eventSource: string
  readonly cohortSource: string
  readonly groupType: string
  readonly echo: string | undefined
}

/** Where Amplitude itself sends: changes of cohorts, and events as they are exported. */
export function webhookRoutes(parts: WebhookParts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/webhooks/amplitude/cohort',
      handle: (request, _, context) => receive(request, parts, parts.cohortSource, cohortReadings, context),
    },
    { method: 'POST', path: '/webhooks/amplitude/event', handle: (request, _, context) => receive(request, parts, parts.eventSource, eventReadings, context) },
  ]
}

type Read = (body: unknown, parts: WebhookParts, arrival: Arrival) => readonly Reading[] | undefined

async function receive(request: Request, parts: WebhookParts, source: string, read: Read, context: PluginContext): Promise<Response> {
  const { header = 'authorization', secret } = parts.webhooks
  if (!isSameSecret(request.headers.get(header) ?? '', secret)) {
    return reply(401, { error: `the header '${header}' is not what amplitude({ webhooks: { secret } }) says` })
  }
  const body = await readBody(request, { bytes: UPLOAD.batch.bytes, mend: 'send fewer users at a time' })
  if (!body.ok) return refuse(body.refusal)
  const arrival = { source, receivedAt: context.clock.now(), groupType: parts.groupType, echo: parts.echo, id: () => context.id() }
  const readings = read(parseJson(body.value.bytes), parts, arrival)
  if (readings === undefined) return reply(400, { error: 'Invalid JSON request body' })
  return unlessBusy(async () => {
    const rejected = await take(readings, source, context)
    return reply(200, rejected.length === 0 ? {} : { rejected })
  }, refuse)
}

/** `{ cohort_name, in_cohort, computed_time, message_id, users }`: a message that comes again has the same id. */
function cohortReadings(body: unknown, _: WebhookParts, arrival: Arrival): readonly Reading[] | undefined {
  if (!isObject(body) || !Array.isArray(body['users'])) return undefined
  const { cohort_name, cohort_id, in_cohort, computed_time, message_id } = body
  const cohort = [cohort_name, cohort_id].find((one) => typeof one === 'string' && one !== '') as string | undefined
  if (cohort === undefined || typeof in_cohort !== 'boolean') return undefined
  const at = Number(computed_time) * 1000
  const message = typeof message_id === 'string' && message_id !== '' ? message_id : sha256(JSON.stringify(body))
  return body['users'].map((user: unknown): Reading => {
    const userId = isObject(user) ? user['user_id'] : undefined
    if (typeof userId !== 'string' || userId === '') return { kind: 'rejected', reason: 'user_id: a member of a cohort needs one', raw: user }
    const danger = unsafe(user)
    if (danger !== undefined) return { kind: 'rejected', reason: danger, raw: { user_id: userId } }
    const event = membershipEvent({
      cohort,
      userId,
      isIn: in_cohort,
      at: Number.isFinite(at) && at > 0 ? at : arrival.receivedAt,
      messageId: `${message}::${userId}`,
      source: arrival.source,
      receivedAt: arrival.receivedAt,
      ...(isObject(user) && isObject(user['user_properties']) ? { traits: user['user_properties'] as JsonObject } : {}),
    })
    const parsed = parseEvent(event, arrival)
    return parsed.ok ? { kind: 'event', event: parsed.value } : { kind: 'rejected', reason: parsed.reason, raw: user }
  })
}

function eventReadings(body: unknown, parts: WebhookParts, arrival: Arrival): readonly Reading[] | undefined {
  const events = Array.isArray(body) ? body : [body]
  if (events.some((event) => !isObject(event))) return undefined
  return events.flatMap((event) => fromExport(event, arrival).readings).map((reading) => remapped(reading, parts.mapping?.incoming))
}
