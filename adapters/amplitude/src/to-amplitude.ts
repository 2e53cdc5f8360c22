import type { CanonicalEvent, JsonObject, Parsed } from '@waymark/core'
import { isObject } from '@waymark/core'
import { at, cut, jsonBytes, moment, sha256 } from '@waymark/kit'
import { fitting } from './fit.ts'
import { isBanned } from './ids.ts'
import { libraryOf } from './library.ts'
import { ID_LENGTH, TEXT_LENGTH } from './limits.ts'
import { CONTEXT, NAMED, PAGE, PLACE, REVENUE, SCREEN } from './mapping.ts'
import { toOperations } from './operations.ts'

/** An event as Amplitude takes it. */
export type WireEvent = Readonly<Record<string, unknown>> & { readonly event_type: string; readonly insert_id: string }

export interface Sending {
  /** What our events are known by when they come back. */
  readonly tag: string
  readonly groupType: string
  /** Ids shorter than this are left out, as Amplitude would. Default 5. */
  readonly minIdLength?: number
}

export interface Written {
  readonly event: WireEvent
  readonly bytes: number
}

/** Events of these names are not a user's doing at Amplitude. */
const RESERVED: readonly string[] = [NAMED.identify, NAMED.group]

/** What Amplitude is to get for one event, in order; or why it is to get nothing. The same at every attempt. */
export function toAmplitude(event: CanonicalEvent, sending: Sending): Parsed<readonly Written[]> {
  const time = moment(event.timestamp)
  if (time === undefined) return fail(`timestamp: ${event.timestamp} is not a time`)
  if (event.type === 'track' && RESERVED.includes(event.event ?? '')) {
    return fail(`event: '${event.event}' is Amplitude's own name; give it another in amplitude({ mapping: { outgoing } })`)
  }
  if (event.type === 'track' && !event.event) return fail('event: a track event needs a name')
  if (event.type === 'group' && !event.groupId) return fail('groupId: a group event needs one')
  const ids = idsOf(event, sending.minIdLength ?? ID_LENGTH)
  const parts = partsOf(event, sending.groupType, ids.found)
  if (parts.length === 0) return fail(ids.reason ?? 'no userId and no anonymousId: Amplitude needs one of them')
  const common = { time: Math.trunc(time), session_id: sessionOf(event), ...fieldsOf(event), library: libraryOf(event.context, sending.tag) }
  return {
    ok: true,
    value: parts.map((part, index) => {
      const own = part.event_type === NAMED.group ? {} : ids.found
      const written: WireEvent = { ...own, ...common, ...part, insert_id: insertId(event.messageId, index) }
      return { event: written, bytes: jsonBytes(written) }
    }),
  }
}

type Part = Readonly<Record<string, unknown>> & { readonly event_type: string }

function partsOf(event: CanonicalEvent, groupType: string, ids: Ids): readonly Part[] {
  const isSomebody = ids.user_id !== undefined || ids.device_id !== undefined
  const more = at(event.context, 'amplitude.operations')
  switch (event.type) {
    case 'group': {
      const groups = { [textOf(at(event.context, 'groupType')) ?? groupType]: cut(event.groupId ?? '', TEXT_LENGTH) }
      const said = toOperations(event.traits, more)
      return [
        ...(isSomebody ? [{ event_type: NAMED.identify, groups, user_properties: { $set: groups } }] : []),
        ...(Object.keys(said).length === 0 ? [] : [{ event_type: NAMED.group, groups, group_properties: fitting(said) }]),
      ]
    }
    case 'alias':
      // Both ids on one event: from then on Amplitude takes the device for the user's.
      return isSomebody ? [{ event_type: NAMED.identify, user_properties: {} }] : []
    case 'identify':
      return isSomebody ? [{ event_type: NAMED.identify, user_properties: fitting(toOperations(event.traits, more)), ...groupsOf(event, groupType) }] : []
    case 'page':
    case 'screen':
      return isSomebody ? [{ event_type: NAMED[event.type], event_properties: fitting(namedProperties(event)), ...groupsOf(event, groupType) }] : []
    case 'track': {
      const properties = fitting(event.properties)
      return isSomebody
        ? [{ event_type: cut(event.event ?? '', TEXT_LENGTH), event_properties: properties, ...revenueOf(properties), ...groupsOf(event, groupType) }]
        : []
    }
  }
}

function namedProperties(event: CanonicalEvent): object {
  const properties: Record<string, unknown> = { ...event.properties }
  for (const [ours, theirs] of Object.entries(event.type === 'page' ? PAGE : SCREEN)) {
    const value = ours === 'name' ? event.name : properties[ours]
    if (value === undefined) continue
    if (ours !== 'name') delete properties[ours]
    properties[theirs] = value
  }
  return properties
}

function revenueOf(properties: JsonObject): Record<string, unknown> {
  if (typeof properties['revenue'] !== 'number') return {}
  return Object.fromEntries(
    Object.entries(REVENUE).flatMap(([ours, theirs]) => {
      const value = properties[ours]
      return typeof value === (ours === 'revenue' ? 'number' : 'string') ? [[theirs, value]] : []
    }),
  )
}

/** Groups as the event names them, one or several of a kind; else its one group. */
function groupsOf(event: CanonicalEvent, groupType: string): { readonly groups?: JsonObject } {
  const named = event.context['groups']
  if (isObject(named) && Object.keys(named).length > 0) return { groups: fitting(named) }
  return event.groupId === undefined ? {} : { groups: { [groupType]: cut(event.groupId, TEXT_LENGTH) } }
}

interface Ids {
  readonly user_id?: string
  readonly device_id?: string
}

/** The ids that Amplitude would keep. An upload with one that it bans is refused as a whole. */
function idsOf(event: CanonicalEvent, minIdLength: number): { readonly found: Ids; readonly reason?: string } {
  const reasons: string[] = []
  const kept = (field: string, id: string | undefined): string | undefined => {
    if (id === undefined) return undefined
    if (isBanned(id)) reasons.push(`${field}: ${JSON.stringify(id)} stands for nobody at Amplitude`)
    else if (id.length < minIdLength) reasons.push(`${field}: ${JSON.stringify(id)} is shorter than ${minIdLength} characters; lower sink.minIdLength`)
    else if (id.length > TEXT_LENGTH) reasons.push(`${field}: it is longer than ${TEXT_LENGTH} characters`)
    else return id.replace(/\p{Surrogate}/gu, '\uFFFD')
    return undefined
  }
  const user = kept('userId', event.userId)
  const device = kept('anonymousId', event.anonymousId ?? (event.type === 'alias' ? event.previousId : undefined))
  const found = { ...(user === undefined ? {} : { user_id: user }), ...(device === undefined ? {} : { device_id: device }) }
  return { found, ...(reasons[0] === undefined ? {} : { reason: reasons[0] }) }
}

function fieldsOf(event: CanonicalEvent): Record<string, unknown> {
  const texts = Object.entries(CONTEXT).flatMap(([path, field]) => {
    const value = textOf(at(event, path))
    // Sent from here it would stand for this machine.
    return value === undefined || value === '$remote' ? [] : [[field, cut(value, TEXT_LENGTH)]]
  })
  const numbers = Object.entries(PLACE).flatMap(([path, field]) => {
    const value = at(event, path)
    return Number.isFinite(value) ? [[field, value]] : []
  })
  return Object.fromEntries([...texts, ...numbers])
}

/** A session of Amplitude's is named by the moment it began; -1 is none. */
function sessionOf({ context }: CanonicalEvent): number {
  const session = Number(context['sessionId'])
  return Number.isSafeInteger(session) && session > 0 ? session : -1
}

/** Amplitude removes copies by device and this id, for 7 days. What one event brings about has an id each. */
function insertId(messageId: string, index: number): string {
  const id = index === 0 ? messageId : `${messageId}:${index}`
  return id.length <= TEXT_LENGTH ? id.replace(/\p{Surrogate}/gu, '\uFFFD') : sha256(id)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function fail(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}
