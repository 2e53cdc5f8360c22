import type { PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import { type Body, type MirrorOptions, mirror, parseJson, type Reading, type Refusal, remapped, type SourceOf, take } from '@waymark/kit'
import type { Arrival } from '../from-amplitude.ts'
import { fromAmplitude } from '../from-amplitude.ts'
import type { AmplitudeOptions } from '../options.ts'
import type { Fault } from '../wire-ids.ts'
import { sourceOfKey } from './api-key.ts'
import { invalid, refuse, reply } from './reply.ts'

export interface Collecting extends Pick<AmplitudeOptions, 'mapping' | 'addressHeader'> {
  readonly sourceOf: SourceOf
  readonly groupType: string
  /** The tag of our own sink. */
  readonly echo: string | undefined
  readonly mirror: MirrorOptions | undefined
}

/** A request that has been read: its events as Amplitude's SDKs have them, in whatever envelope they came. */
export interface Delivery {
  readonly path: string
  readonly body: Body
  readonly apiKey: unknown
  readonly events: readonly unknown[]
  readonly skew?: number
  readonly minIdLength?: number
}

/** Takes events in: what cannot be read is kept aside and named in the answer, the rest is on disk when it is given. */
export async function collect(request: Request, delivery: Delivery, collecting: Collecting, context: PluginContext): Promise<Response> {
  const source = sourceOfKey(delivery.apiKey, collecting.sourceOf)
  if (!source.ok) return refuseKey(source.refusal)
  const arrival: Arrival = {
    source: source.value,
    receivedAt: context.clock.now(),
    groupType: collecting.groupType,
    echo: collecting.echo,
    ip: addressOf(request, collecting.addressHeader),
    ...(delivery.skew === undefined ? {} : { skew: delivery.skew }),
    ...(delivery.minIdLength === undefined ? {} : { minIdLength: delivery.minIdLength }),
    id: () => context.id(),
  }
  const faults: (readonly [number, Fault])[] = []
  const places: number[] = []
  const readings: Reading[] = []
  for (const [index, wire] of delivery.events.entries()) {
    const found = fromAmplitude(wire, arrival)
    if (found.fault !== undefined) faults.push([index, found.fault])
    for (const reading of found.readings) {
      places.push(index)
      readings.push(remapped(reading, collecting.mapping?.incoming))
    }
  }
  const misfits = await take(readings, source.value, context)
  if (collecting.mirror !== undefined) {
    const theirs = await mirror(request, delivery.path, delivery.body.sent, collecting.mirror, context)
    if (theirs !== undefined) return passOn(theirs)
  }
  if (faults.length > 0) return invalid(faults)
  const rejected = misfits.map(({ index, reason }) => ({ index: places[index], reason }))
  return reply(200, {
    events_ingested: delivery.events.length,
    payload_size_bytes: delivery.body.bytes.length,
    server_upload_time: context.clock.now(),
    ...(rejected.length === 0 ? {} : { rejected }),
  })
}

function refuseKey(refusal: Refusal): Response {
  if (refusal.code === 'api_key') return reply(refusal.status, { error: `Request missing required field: ${refusal.message}`, missing_field: 'api_key' })
  return refuse(refusal, 'Invalid API key')
}

/** What Amplitude said, with the code that SDKs go by where it sent none. */
function passOn(theirs: { readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, string>> }): Response {
  const body = parseJson(Buffer.from(theirs.body))
  const fields = isObject(body) ? body : { error: theirs.body.slice(0, 200) || 'Amplitude did not answer; send it again' }
  const retry = theirs.headers['retry-after']
  return reply(theirs.status, fields, retry === undefined ? {} : { 'retry-after': retry })
}

/** The last address is the one that the nearest proxy saw; those before it are what it was told. */
function addressOf(request: Request, header: string | undefined): string | undefined {
  const value = header === undefined ? undefined : request.headers.get(header)?.split(',').at(-1)?.trim()
  return value === undefined || value === '' ? undefined : value
}
