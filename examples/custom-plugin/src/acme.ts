import type { CanonicalEvent, DeliveryOutcome, Eraser, Json, Plugin, PluginContext, Route, Sink, Source, SourcePage } from '@waymark/core'
import { parseEvent } from '@waymark/core'
import { type Answer, halves, optionChecks, parseJson, post, type Reading, readBody, retryAfter, sanitize, take } from '@waymark/kit'

export interface AcmeOptions {
  /** Where Acme is, with its scheme. */
  readonly url: string
}

const { expectKnown, expectUrl } = optionChecks('acme')

/** Acme, a product analytics service: events come from its SDK and its export and go to its API, and it can forget people. */
export function acme(options: AcmeOptions): Plugin {
  expectKnown(options, ['url'])
  expectUrl('url', options.url)
  return { name: 'acme', purpose: 'analytics', routes: [collect], sources: [exportOf(options.url)], sink: sinkTo(options.url), eraser: eraserOf(options.url) }
}

const collect: Route = {
  method: 'POST',
  path: '/acme/events',
  async handle(request, _params, context) {
    const body = await readBody(request, { bytes: 1024 * 1024, mend: 'send fewer events at a time' })
    if (!body.ok) return Response.json({ error: body.refusal.message }, { status: body.refusal.status })
    const events = parseJson(body.value.bytes)
    if (!Array.isArray(events)) return Response.json({ error: 'the body is not a list of events' }, { status: 400 })
    return Response.json({
      rejected: await take(
        events.map((raw) => read(raw, 'acme:sdk', context)),
        'acme:sdk',
        context,
      ),
    })
  },
}

function read(raw: unknown, source: string, context: PluginContext): Reading {
  const { id, user, name, at, ...properties } = Object(raw)
  const message = { type: 'track', messageId: id, userId: user, event: name, timestamp: at, properties }
  const parsed = parseEvent(message, { source, receivedAt: context.clock.now() })
  return parsed.ok ? { kind: 'event', event: parsed.value } : { kind: 'rejected', reason: parsed.reason, raw }
}

/** All that Acme has, page by page; the cursor is how many rows have been fetched. A throw has the host try again later, from the last cursor. */
function exportOf(url: string): Source {
  async function* pull(cursor: Json | undefined, context: PluginContext): AsyncIterable<SourcePage> {
    for (let after = Number(cursor ?? 0); ; ) {
      const answer = await post({ url: `${url}/export?after=${after}`, method: 'GET' }, context)
      if (answer.kind === 'silent' || answer.status !== 200) throw new Error(answer.kind === 'silent' ? answer.reason : `Acme answered ${answer.status}`)
      const rows = JSON.parse(answer.body) as readonly unknown[]
      if (rows.length === 0) return
      after += rows.length
      const readings = rows.map((raw) => read(raw, 'acme:export', context))
      await context.quarantine(readings.flatMap((one) => (one.kind === 'rejected' ? [{ source: 'acme:export', ...one }] : [])))
      yield { events: readings.flatMap((one) => (one.kind === 'event' ? [one.event] : [])), cursor: after, progress: `${after} rows` }
    }
  }
  return { name: 'export', every: 3_600_000, pull }
}

function sinkTo(url: string): Sink {
  async function deliver(events: readonly CanonicalEvent[], context: PluginContext): Promise<readonly DeliveryOutcome[]> {
    if (events.length === 0) return []
    const rows = events.map(({ messageId, userId, event, type, timestamp, ...rest }) =>
      sanitize({ id: messageId, user: userId, name: event ?? type, at: timestamp, ...rest.properties, ...rest.traits }),
    )
    const answer = await post({ url: `${url}/events`, body: JSON.stringify(rows) }, context)
    const outcome = outcomeOf(answer, context)
    // Refused as a whole for the sake of some: halve it until those are found.
    if (outcome.status !== 'rejected' || events.length === 1) return events.map(() => outcome)
    const [first, second] = halves(events)
    return [...(await deliver(first, context)), ...(await deliver(second, context))]
  }
  return { maxBatch: 100, deliver }
}

function eraserOf(url: string): Eraser {
  return {
    async erase({ userIds }, context) {
      const outcome = outcomeOf(await post({ url: `${url}/forget`, body: JSON.stringify(userIds) }, context), context)
      if (outcome.status === 'delivered') return { status: 'confirmed' }
      return outcome.status === 'retry' ? outcome : { status: 'failed', reason: outcome.reason }
    },
  }
}

function outcomeOf(answer: Answer, context: PluginContext): DeliveryOutcome {
  if (answer.kind === 'silent') return { status: 'retry', reason: answer.reason }
  const { status, headers } = answer
  if (status >= 200 && status < 300) return { status: 'delivered' }
  const reason = `Acme answered ${status}`
  if (status === 400 || status === 413) return { status: 'rejected', reason }
  const afterMs = retryAfter(headers, context.clock.now())
  return { status: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
}
