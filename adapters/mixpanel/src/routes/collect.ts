import type { PluginContext } from '@waymark/core'
import { type Attempt, mirror, type Reading, readBody, refused, take } from '@waymark/kit'
import { fromEvent } from '../from-event.ts'
import type { Arrival } from '../from-mixpanel.ts'
import { fromGroup, fromProfile } from '../from-profile.ts'
import { INCOMING_BYTES, ROWS_A_REQUEST } from '../limits.ts'
import { type Payload, readPayload } from './payload.ts'
import { answer, cors, type Form, refuse } from './reply.ts'
import { identify, type SourceOf } from './tokens.ts'

/** What the endpoints need besides the request. */
export interface Collecting extends Pick<Arrival, 'groupKey' | 'mapping' | 'echo'> {
  readonly sourceOf: SourceOf
  readonly mirror?: { readonly to: string; readonly timeout?: number } | undefined
}

export type Endpoint = '/track' | '/import' | '/engage' | '/groups'

/** One row may stand for several events. */
const READ: Readonly<Record<Endpoint, (row: unknown, arrival: Arrival) => readonly Reading[]>> = {
  '/track': (row, arrival) => [fromEvent(row, arrival)],
  '/import': (row, arrival) => [fromEvent(row, arrival)],
  '/engage': fromProfile,
  '/groups': fromGroup,
}

/** Takes what a sender has for one of Mixpanel's endpoints, and answers as Mixpanel does, once it is on disk. */
export async function collect(endpoint: Endpoint, request: Request, collecting: Collecting, context: PluginContext): Promise<Response> {
  const { searchParams: query } = new URL(request.url)
  const isStrict = endpoint === '/import' && isOn(query.get('strict'))
  const early: Form = isStrict ? 'strict' : formOf((name) => query.get(name) ?? undefined)
  const body = request.method === 'GET' ? undefined : await readBody(request, { bytes: INCOMING_BYTES, mend: 'send fewer at a time' })
  if (body?.ok === false) return refuse(request, early, body.refusal)
  const payload = readPayload(query, body?.value.bytes)
  if (!payload.ok) return refuse(request, early, payload.refusal)
  const form = isStrict ? 'strict' : formOf(payload.value.parameter)
  const sources = sourcesOf(payload.value, request.headers, collecting.sourceOf)
  if (!sources.ok) return refuse(request, form, sources.refusal)

  const { rows } = payload.value
  const read = rows.flatMap((row, index) => {
    const source = sources.value[index]!
    const arrival = { ...collecting, source, receivedAt: context.clock.now(), id: () => context.id() }
    return READ[endpoint](row, arrival).map((reading) => ({ reading, index }))
  })
  // Batches of the browser SDK are not in the order in which things happened.
  const inOrder = read.toSorted((left, right) => timeOf(left.reading) - timeOf(right.reading))
  const rejected = await take(
    inOrder.map(({ reading }) => reading),
    sources.value[0] ?? '',
    context,
  )
  const byRow = new Map(rejected.map(({ index, reason }) => [inOrder[index]!, reason]))
  const failed = [...byRow].map(([{ index, reading }, reason]) => ({ index, reason, isUnread: reading.kind === 'rejected' }))

  if (collecting.mirror !== undefined) {
    const theirs = await mirror(request, endpoint, body?.value.sent, collecting.mirror, context)
    if (theirs !== undefined) return new Response(theirs.body, { status: theirs.status, headers: { ...theirs.headers, ...cors(request) } })
  }
  const unread = failed.filter(({ isUnread }) => isUnread)
  return answer(
    request,
    form,
    rows,
    unread,
    failed.filter(({ isUnread }) => !isUnread),
  )
}

function sourcesOf({ rows }: Payload, headers: Headers, sourceOf: SourceOf): Attempt<readonly string[]> {
  // Senders halve what is too large, and a browser drops what is refused in any other way.
  if (rows.length > ROWS_A_REQUEST) return refused(413, 'too_many', `a request may have ${ROWS_A_REQUEST} rows; send the others in another`)
  return identify(rows, headers, sourceOf)
}

function formOf(parameter: Payload['parameter']): Form {
  if (isOn(parameter('verbose'))) return 'verbose'
  return isOn(parameter('img')) ? 'image' : 'text'
}

function isOn(parameter: string | null | undefined): boolean {
  return parameter === '1' || parameter === 'true'
}

function timeOf(reading: Reading): number {
  return reading.kind === 'event' ? reading.event.timestamp : 0
}
