import type { CanonicalEvent } from '@waymark/core'
import { textOfError } from './post.ts'
import type { Reading } from './take.ts'

/**
 * What a user of an adapter says of single events: another name, `false` for leaving them out, or a function that gives the event as it is
 * to be, or undefined to leave it out. Keys are names of track events; `$identify`, `$page`, `$screen`, `$group` and `$alias` stand for all of a kind.
 */
export type EventMapping = Readonly<Record<string, string | false | ((event: CanonicalEvent) => CanonicalEvent | undefined)>>

/** The option `mapping` of every adapter. */
export interface Mapping {
  /** By the vendor's name, for what comes in: `{ 'Signed Up': 'signed_up' }`. */
  readonly incoming?: EventMapping
  /** By the name here, for what goes out: `{ signed_up: 'Signed Up', heartbeat: false }`. */
  readonly outgoing?: EventMapping
}

/** The event as the mapping wants it; undefined when it is to be left out. What the mapping does not name stays as it is. A function's throw passes. */
export function mapped(event: CanonicalEvent, mapping: EventMapping | undefined): CanonicalEvent | undefined {
  const key = event.type === 'track' ? (event.event ?? '') : `$${event.type}`
  if (mapping === undefined || !Object.hasOwn(mapping, key)) return event
  const wish = mapping[key]
  if (wish === undefined) return event
  if (wish === false) return undefined
  return typeof wish === 'function' ? wish(event) : { ...event, ...(event.type === 'track' ? { event: wish } : { name: wish }) }
}

/** A reading as the mapping wants it: ignored where the event is left out, rejected where a function throws. */
export function remapped(reading: Reading, mapping: EventMapping | undefined): Reading {
  if (mapping === undefined || reading.kind !== 'event') return reading
  try {
    const event = mapped(reading.event, mapping)
    return event === undefined ? { kind: 'ignored' } : { ...reading, event }
  } catch (error) {
    return { kind: 'rejected', reason: `mapping.incoming: ${textOfError(error)}`, raw: reading.event }
  }
}
