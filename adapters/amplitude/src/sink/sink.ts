import type { CanonicalEvent, DeliveryOutcome, PluginContext, Sink } from '@waymark/core'
import { isObject } from '@waymark/core'
import { at, mapped, tagOf, textOfError } from '@waymark/kit'
import { HOSTS } from '../hosts.ts'
import { UPLOAD } from '../limits.ts'
import type { AmplitudeOptions, AmplitudeSinkOptions } from '../options.ts'
import { toAmplitude } from '../to-amplitude.ts'
import { joinAliases } from './aliases.ts'
import { moveInCohorts } from './cohorts.ts'
import { createHolds } from './holds.ts'
import { type Sent, upload } from './upload.ts'

/** What came of one event so far; the worst that befell a part of it is what befell the whole. */
const GRAVITY: Readonly<Record<DeliveryOutcome['status'], number>> = { delivered: 0, rejected: 1, retry: 2 }

export function sink(options: AmplitudeOptions & { readonly sink: AmplitudeSinkOptions; readonly groupType: string }): Sink {
  const own = options.sink
  const minIdLength = own.minIdLength ?? 1
  const target = { host: own.host ?? HOSTS[options.region ?? 'us'].ingest, options: own, minIdLength, holds: createHolds() }
  const sending = { tag: tagOf(own.apiKey), groupType: options.groupType, minIdLength }

  async function deliver(events: readonly CanonicalEvent[], context: PluginContext): Promise<readonly DeliveryOutcome[]> {
    const outcomes = events.map((): DeliveryOutcome | undefined => undefined)
    const settle = (sent: readonly { readonly index: number }[], outcome: DeliveryOutcome) => {
      for (const { index } of sent) {
        const before = outcomes[index]
        if (before === undefined || GRAVITY[outcome.status] > GRAVITY[before.status]) outcomes[index] = outcome
      }
    }
    const outgoing = events.flatMap((event, index): { event: CanonicalEvent; index: number }[] => {
      const wished = wish(event)
      if (wished !== undefined && 'status' in wished) outcomes[index] = wished
      return wished === undefined || 'status' in wished ? [] : [{ event: wished, index }]
    })
    const aliases = own.usermap === true ? outgoing.filter(({ event }) => event.type === 'alias') : []
    const sent = outgoing.filter((one) => !aliases.includes(one)).flatMap(({ event, index }) => written(event, index, settle))
    const { first, copies } = withoutCopies(sent)
    await upload(first, target, context, settle)
    for (const [copy, original] of copies) settle([copy], outcomes[original.index] ?? { status: 'delivered' })
    await joinAliases(aliases, options, context, settle)
    // Only who is known there can be put into a cohort.
    if (own.cohorts !== undefined) {
      const known = outgoing.filter(({ index }) => outcomes[index]?.status === 'delivered')
      await moveInCohorts(known, options, own.cohorts, context, settle)
    }
    return outcomes.map((outcome) => outcome ?? { status: 'delivered' })
  }

  /** The event as it is to go out; undefined where it is not to. */
  function wish(event: CanonicalEvent): CanonicalEvent | DeliveryOutcome | undefined {
    if (optedOut(event)) return undefined
    try {
      return mapped(event, options.mapping?.outgoing)
    } catch (error) {
      return { status: 'rejected', reason: `mapping.outgoing: ${textOfError(error)}` }
    }
  }

  function written(event: CanonicalEvent, index: number, settle: (sent: readonly { index: number }[], outcome: DeliveryOutcome) => void): readonly Sent[] {
    const reject = (reason: string): readonly Sent[] => {
      settle([{ index }], { status: 'rejected', reason })
      return []
    }
    try {
      const wire = toAmplitude(event, sending)
      return wire.ok ? wire.value.map((one) => ({ ...one, index })) : reject(wire.reason)
    } catch (error) {
      return reject(`it cannot be written as JSON: ${textOfError(error)}`)
    }
  }

  return {
    maxBatch: UPLOAD.httpapi.events,
    learned: own.learned ?? ['memberships', 'decisions'],
    integrations: ['Amplitude'],
    deliver,
  }
}

/** A denial that came with the event itself. What the user has said before, the host knows. */
function optedOut(event: CanonicalEvent): boolean {
  const preferences = at(event.context, 'consent.categoryPreferences')
  return isObject(preferences) && preferences['analytics'] === false
}

/** Amplitude would drop the second of two with one id; sent in one request, which of the two is for it to say. */
function withoutCopies(sent: readonly Sent[]): { readonly first: readonly Sent[]; readonly copies: readonly (readonly [Sent, Sent])[] } {
  const known = new Map<string, Sent>()
  const copies: (readonly [Sent, Sent])[] = []
  for (const one of sent) {
    const key = JSON.stringify([one.event['device_id'] ?? one.event['user_id'], one.event.insert_id])
    const original = known.get(key)
    if (original === undefined) known.set(key, one)
    else copies.push([one, original])
  }
  return { first: [...known.values()], copies }
}
