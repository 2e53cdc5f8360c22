import type { PluginContext } from '@waymark/core'
import { type Attempt, mirror, type Reading, type Rejected, readBody, refused, type SourceOf, take, unlessBusy } from '@waymark/kit'
import { fromEvent } from '../from-event.ts'
import type { Arrival } from '../from-mixpanel.ts'
import { fromGroup, fromProfile } from '../from-profile.ts'
import { INCOMING_BYTES, ROWS_A_REQUEST } from '../limits.ts'
import { type Payload, readPayload } from './payload.ts'
import { answer, cors, type Endpoint, type Form, refuse } from './reply.ts'
import { identify } from './tokens.ts'

/** What the endpoints need besides the request. */
export interface Collecting extends Pick<Arrival, 'groupKey' | 'mapping' | 'echo'> {
  readonly sourceOf: SourceOf
  readonly mirror?: { readonly to: string; readonly timeout?: number } | undefined
}

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
  if (body?.ok === false) return refuse(request, endpoint, early, body.refusal)
  const payload = readPayload(query, body?.value.bytes)
  if (!payload.ok) return refuse(request, endpoint, early, payload.refusal)
  const form = isStrict ? 'strict' : formOf(payload.value.parameter)
  const sources = sourcesOf(payload.value, request.headers, collecting.sourceOf)
  if (!sources.ok) return refuse(request, endpoint, form, sources.refusal)

  const { rows } = payload.value
  const taking = async (): Promise<Response> => {
    const { unread, misfits } = await takeRows(endpoint, rows, sources.value, collecting, context)
    const theirs = collecting.mirror === undefined ? undefined : await mirror(request, endpoint, body?.value.sent, collecting.mirror, context)
    if (theirs !== undefined) return new Response(theirs.body, { status: theirs.status, headers: { ...theirs.headers, ...cors(request) } })
    return answer(request, form, rows, unread, misfits)
  }
  return unlessBusy(taking, (refusal) => refuse(request, endpoint, form, refusal))
}

/** Gives to the host what rows say. By the place of its row: what could not be read, and what the plan does not know. */
async function takeRows(
  endpoint: Endpoint,
  rows: readonly unknown[],
  sources: readonly string[],
  collecting: Collecting,
  context: PluginContext,
): Promise<{ readonly unread: readonly Rejected[]; readonly misfits: readonly Rejected[] }> {
  const read = rows.flatMap((row, place) => {
    const arrival = { ...collecting, source: sources[place]!, receivedAt: context.clock.now(), id: () => context.id() }
    return READ[endpoint](row, arrival).map((reading) => ({ reading, place }))
  })
  // Batches of the browser SDK are not in the order in which things happened.
  const inOrder = read.toSorted((left, right) => timeOf(left.reading) - timeOf(right.reading))
  const rejected = await take(
    inOrder.map(({ reading }) => reading),
    sources[0] ?? '',
    context,
  )
  // A row that stands for several events fails once.
  const failed = [...new Map(rejected.map(({ index, reason }) => [inOrder[index]!.place, { ...inOrder[index]!, reason }])).values()]
  const named = (some: typeof failed): readonly Rejected[] => some.map(({ place, reason }) => ({ index: place, reason }))
  return {
    unread: named(failed.filter(({ reading }) => reading.kind === 'rejected')),
    misfits: named(failed.filter(({ reading }) => reading.kind !== 'rejected')),
  }
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
