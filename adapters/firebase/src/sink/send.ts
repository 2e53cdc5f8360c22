import type { DeliveryOutcome, PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import { halves, parseJson, post, retryAfter } from '@waymark/kit'
import type { FirebaseSinkOptions } from '../options.ts'
import type { Parcel, Placed } from './requests.ts'
import { bodyOf } from './requests.ts'

/** What came of a parcel's events; `stop`: why no other request should go out now. */
export interface Sent {
  readonly outcomes: ReadonlyMap<number, DeliveryOutcome>
  readonly stop?: DeliveryOutcome & { readonly status: 'retry' }
}

const GOOGLE = 'https://www.google-analytics.com'
const GOOGLE_EU = 'https://region1.google-analytics.com'

/** A gateway that had no answer does not know what became of the request. */
const UNCLEAR: readonly number[] = [502, 504]
/** Answers about the request itself; all others can be mended without losing an event. */
const REFUSED: readonly number[] = [400, 413, 422]

type Options = Pick<FirebaseSinkOptions, 'streams' | 'region' | 'host' | 'timeout' | 'validate' | 'resend'>

/** Sends one parcel, in parts when it is too large, after asking the validation endpoint where that is wanted. */
export async function send(parcel: Parcel, options: Options, context: PluginContext): Promise<Sent> {
  if (options.validate !== true) return collect(parcel, options, context)
  const checked = await check(parcel, options, context)
  if (checked.stop !== undefined) return checked
  const sound = parcel.pieces.filter(({ index }) => !checked.outcomes.has(index))
  if (sound.length === 0) return checked
  const sent = await collect({ ...parcel, pieces: sound }, options, context)
  return { ...sent, outcomes: new Map([...checked.outcomes, ...sent.outcomes]) }
}

async function collect(parcel: Parcel, options: Options, context: PluginContext): Promise<Sent> {
  const answer = await ask('/mp/collect', parcel, options, context)
  const { pieces } = parcel
  if (answer.kind === 'silent') {
    // Nobody got it, or nobody knows: what follows would fare the same, and one doubtful request is enough.
    if (!answer.left) return waiting(pieces, answer.reason)
    return { ...unclear(pieces, answer.reason, options), stop: { status: 'retry', reason: answer.reason } }
  }
  const { status } = answer
  const reason = `answered ${status}`
  if (status >= 200 && status < 300) return settled(pieces, { status: 'delivered' })
  if (UNCLEAR.includes(status)) return { ...unclear(pieces, reason, options), stop: { status: 'retry', reason } }
  // Refused as a whole for the sake of some: in halves until those are found.
  if (REFUSED.includes(status) && pieces.length > 1) return inHalves(parcel, options, context)
  if (REFUSED.includes(status)) return settled(pieces, { status: 'rejected', reason })
  if (status >= 300 && status < 400) return waiting(pieces, `${reason}: set sink.host to the final address`)
  return waiting(
    pieces,
    status < 500 && status !== 429 && status !== 408 ? `${reason}: check sink.streams and sink.host` : reason,
    retryAfter(answer.headers, context.clock.now()),
  )
}

async function inHalves(parcel: Parcel, options: Options, context: PluginContext): Promise<Sent> {
  const [left, right] = halves(parcel.pieces)
  const first = await collect({ ...parcel, pieces: left }, options, context)
  if (first.stop !== undefined) return { ...first, outcomes: new Map([...settled(right, first.stop).outcomes, ...first.outcomes]) }
  const second = await collect({ ...parcel, pieces: right }, options, context)
  return { ...second, outcomes: new Map([...first.outcomes, ...second.outcomes]) }
}

/** Asks what is wrong with a request. Nothing is recorded by that, so it may be asked again. */
async function check(parcel: Parcel, options: Options, context: PluginContext): Promise<Sent> {
  const answer = await ask('/debug/mp/collect', parcel, options, context)
  if (answer.kind === 'silent') return waiting(parcel.pieces, answer.reason)
  if (answer.status !== 200) return waiting(parcel.pieces, `the validation endpoint answered ${answer.status}`, retryAfter(answer.headers, context.clock.now()))
  const body = parseJson(Buffer.from(answer.body))
  const messages: readonly unknown[] = isObject(body) && Array.isArray(body['validationMessages']) ? body['validationMessages'] : []
  const events = parcel.pieces.filter(({ event }) => event !== undefined)
  const outcomes = new Map<number, DeliveryOutcome>()
  for (const message of messages.filter(isObject)) {
    const path = String(message['fieldPath'] ?? '')
    const place = /^events\[(\d+)\]/.exec(path)?.[1]
    const blamed = place === undefined ? undefined : events[Number(place)]
    const reason = `Google finds ${path === '' ? 'the request' : path} wrong: ${String(message['description'])} (${String(message['validationCode'])})`
    // What is wrong with more than one event keeps all of them back.
    for (const { index } of blamed === undefined ? parcel.pieces : [blamed]) outcomes.set(index, { status: 'rejected', reason })
  }
  return { outcomes }
}

function ask(path: string, parcel: Parcel, { streams, region, host, timeout }: Options, context: PluginContext): ReturnType<typeof post> {
  const url = new URL(path, host ?? (region === 'eu' ? GOOGLE_EU : GOOGLE))
  url.searchParams.set(parcel.kind === 'app' ? 'firebase_app_id' : 'measurement_id', parcel.stream)
  url.searchParams.set('api_secret', streams[parcel.stream] ?? '')
  const body = JSON.stringify(bodyOf(parcel))
  return post({ url, body, headers: { 'content-type': 'application/json' }, ...(timeout === undefined ? {} : { timeout }) }, context)
}

function settled(pieces: readonly Placed[], outcome: DeliveryOutcome): Sent {
  return { outcomes: new Map(pieces.map(({ index }) => [index, outcome])) }
}

function waiting(pieces: readonly Placed[], reason: string, afterMs?: number): Sent & { readonly stop: DeliveryOutcome } {
  const stop = { status: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) } as const
  return { ...settled(pieces, stop), stop }
}

function unclear(pieces: readonly Placed[], reason: string, { resend }: Options): Sent {
  if (resend === true) return settled(pieces, { status: 'retry', reason })
  return settled(pieces, { status: 'rejected', reason: `may have arrived, and Google knows no copies, so it is not sent again by itself: ${reason}` })
}
