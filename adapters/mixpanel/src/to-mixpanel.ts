import type { CanonicalEvent, Json, JsonObject, Parsed } from '@waymark/core'
import { isObject } from '@waymark/core'
import { at, cut, jsonBytes, moment, sanitize, tagsOf, withTag } from '@waymark/kit'
import { fitted } from './fitted.ts'
import { DEVICE, idTrouble, insertId, isUuidV4 } from './ids.ts'
import { AHEAD, EARLIEST, NAME_LENGTH, PROFILE_PROPERTIES, PROFILE_VALUE_BYTES, PROPERTIES, ROW_BYTES, VALUE_BYTES } from './limits.ts'
import { outgoingName, PROFILE_OPERATIONS, PROPERTIES_AT, TRAITS } from './mapping.ts'
import type { IdentityMode } from './options.ts'

/** Trait -> the profile property it is. */
const THEIRS: ReadonlyMap<string, string> = new Map(Object.entries(TRAITS).map(([name, trait]) => [trait, name]))

const PROFILE_ROOM = { properties: PROFILE_PROPERTIES, bytes: PROFILE_VALUE_BYTES }

/** What a row is posted to. */
export type Endpoint = 'import' | 'engage' | 'groups'

/** One row of a request. */
export interface Row {
  readonly endpoint: Endpoint
  readonly row: JsonObject
  readonly bytes: number
  /** False: having it twice is not the same as having it once, and Mixpanel would not notice. */
  readonly repeatable: boolean
}

export interface Outgoing {
  readonly token: string
  readonly identity: IdentityMode
  readonly groupKey: string
  /** The mark against echoes. */
  readonly tag: string
  readonly now: number
}

/** Rows for one event, in the order they are to be sent; `skipped` says what of it Mixpanel has no place for. */
export interface Written {
  readonly rows: readonly Row[]
  readonly skipped?: string
}

/** Turns an event into what Mixpanel takes, or says why there is nothing it would. The same event becomes the same rows at every attempt. */
export function toMixpanel(event: CanonicalEvent, outgoing: Outgoing): Parsed<Written> {
  if (moment(event.timestamp) === undefined) return { ok: false, reason: `timestamp: ${event.timestamp} is not a time` }
  if (event.timestamp < EARLIEST) return { ok: false, reason: 'timestamp: Mixpanel takes no event from before 1971' }
  const whole = sanitize(event) as unknown as CanonicalEvent
  const trouble = troubleOf(whole)
  if (trouble !== undefined) return { ok: false, reason: trouble }
  const written = WRITERS[event.type](whole, outgoing)
  if (typeof written === 'string') return { ok: false, reason: written }
  const large = written.rows.find(({ bytes }) => bytes > ROW_BYTES)
  if (large !== undefined) return { ok: false, reason: `it has ${large.bytes} bytes as Mixpanel would get it; Mixpanel takes ${ROW_BYTES}` }
  return { ok: true, value: written }
}

type Writer = (event: CanonicalEvent, outgoing: Outgoing) => Written | string

const WRITERS: Readonly<Record<CanonicalEvent['type'], Writer>> = {
  track: (event, outgoing) => ({ rows: [eventRow(outgoingName(event.event ?? '', 'event'), event, propertiesOf(event), outgoing)] }),
  page: (event, outgoing) => ({ rows: [eventRow(`Viewed ${event.name ?? 'a page'}`, event, propertiesOf(event), outgoing)] }),
  screen: (event, outgoing) => ({ rows: [eventRow(`Viewed ${event.name ?? 'a screen'}`, event, propertiesOf(event), outgoing)] }),
  identify,
  group,
  alias,
}

function identify(event: CanonicalEvent, outgoing: Outgoing): Written {
  const { userId, anonymousId } = event
  const profile = profileRows(event, outgoing)
  if (userId === undefined || anonymousId === undefined) return { rows: profile }
  if (outgoing.identity === 'original' && !isUuidV4(anonymousId)) {
    return { rows: profile, skipped: 'with the original identity merge, Mixpanel links an anonymous id only if it is a UUID of version 4' }
  }
  const link = { $identified_id: userId, $anon_id: anonymousId, $anon_distinct_id: DEVICE + anonymousId }
  return { rows: [eventRow('$identify', event, {}, outgoing, link), ...profile] }
}

function group(event: CanonicalEvent, outgoing: Outgoing): Written | string {
  const { groupKey, token } = outgoing
  const { groupId } = event
  if (groupId === undefined) return 'groupId: a group event needs one'
  const { set, gone } = changesOf(event.traits)
  const which = { $token: token, $group_key: groupKey, $group_id: groupId }
  const member = distinctIdOf(event, outgoing)
  return {
    rows: [
      row('groups', { ...which, $set: fitted(set, PROFILE_ROOM) }),
      ...(gone.length === 0 ? [] : [row('groups', { ...which, $unset: gone })]),
      ...(member === undefined ? [] : [profileRow(member, event, '$union', { [groupKey]: [groupId] }, outgoing)]),
    ],
  }
}

function alias(event: CanonicalEvent, outgoing: Outgoing): Written | string {
  const { userId } = event
  const previousId = event.previousId ?? event.anonymousId
  if (userId === undefined) return 'userId: an alias needs the id that stays'
  if (previousId === undefined) return 'previousId: an alias needs the id it replaces'
  if (outgoing.identity === 'simplified') return { rows: [], skipped: "Mixpanel's simplified identity merge knows no alias" }
  return { rows: [eventRow('$create_alias', event, {}, outgoing, { distinct_id: previousId, alias: userId })] }
}

/** An event of Mixpanel: the user's own properties first, what means something to Mixpanel last, so that nothing of it can be overwritten. */
function eventRow(name: string, event: CanonicalEvent, properties: JsonObject, outgoing: Outgoing, ids: JsonObject = {}): Row {
  const { userId, anonymousId, context } = event
  const groupId = event.groupId ?? at(context, 'groupId')
  const through = tagsOf(withTag(context, outgoing.tag))
  const reserved: JsonObject = {
    ...(typeof groupId === 'string' ? { [outgoing.groupKey]: [groupId] } : {}),
    ...(userId === undefined ? {} : { $user_id: userId }),
    ...(anonymousId === undefined ? {} : { $device_id: anonymousId }),
    distinct_id: distinctIdOf(event, outgoing) ?? '',
    ...ids,
    time: timeOf(event, outgoing.now),
    $insert_id: insertId(event.messageId),
    waymark_through: through,
  }
  const own = Object.fromEntries(Object.entries(properties).filter(([key]) => !Object.hasOwn(reserved, key)))
  const room = { properties: PROPERTIES - Object.keys(reserved).length, bytes: VALUE_BYTES }
  return row('import', { event: cut(name, NAME_LENGTH), properties: { ...fitted(own, room), ...reserved } })
}

/** The mapped ones stand first, so that they are not among those there is no room for. */
function propertiesOf({ properties, context }: CanonicalEvent): JsonObject {
  const named = Object.entries(properties).map(([name, value]) => [outgoingName(name, 'property'), value] as const)
  const theirs = at(context, 'mixpanel.properties')
  const mapped = Object.entries(PROPERTIES_AT).flatMap(([name, path]) => {
    const value = at({ context }, path)
    return value === undefined ? [] : [[name, value as Json] as const]
  })
  const first = Object.fromEntries(mapped)
  return { ...first, ...Object.fromEntries(named), ...(isObject(theirs) ? (theirs as JsonObject) : {}), ...first }
}

/** Traits as `$set` and `$unset`, and what `context.mixpanel.profile` asks for besides; what must not happen twice comes last. */
function profileRows(event: CanonicalEvent, outgoing: Outgoing): Row[] {
  const id = distinctIdOf(event, outgoing)
  if (id === undefined) return []
  const { set, gone } = changesOf(event.traits)
  const asked = at(event.context, 'mixpanel.profile')
  const operations = Object.entries(PROFILE_OPERATIONS).flatMap(([operation, { repeatable }]) => {
    const values = at(asked, operation)
    return isObject(values) ? [profileRow(id, event, operation, values as JsonObject, outgoing, repeatable)] : []
  })
  return [
    ...(Object.keys(set).length === 0 ? [] : [profileRow(id, event, '$set', set, outgoing)]),
    ...(gone.length === 0 ? [] : [profileRow(id, event, '$unset', gone, outgoing)]),
    ...operations.filter(({ repeatable }) => repeatable),
    ...operations.filter(({ repeatable }) => !repeatable),
  ]
}

function profileRow(
  id: string,
  { context }: CanonicalEvent,
  operation: string,
  values: JsonObject | readonly string[],
  outgoing: Outgoing,
  repeatable = true,
): Row {
  const ip = at(context, 'ip')
  // Without an address of the user's, Mixpanel must not take the server's for it.
  const who = { $token: outgoing.token, $distinct_id: id, $ip: typeof ip === 'string' ? ip : '0' }
  return row('engage', { ...who, [operation]: Array.isArray(values) ? values : fitted(values as JsonObject, PROFILE_ROOM) }, repeatable)
}

/** Traits under Mixpanel's names: those that are set, and the names of those that are taken away. A trait named here wins over one that has Mixpanel's name. */
function changesOf(traits: JsonObject): { readonly set: JsonObject; readonly gone: readonly string[] } {
  const given = Object.entries(traits).filter((entry): entry is [string, Json] => entry[1] !== undefined)
  const kept = given.filter(([trait]) => !THEIRS.has(trait))
  const renamed = given.flatMap(([trait, value]) => (THEIRS.has(trait) ? [[THEIRS.get(trait) as string, dated(trait, value)] as const] : []))
  const all = Object.entries<Json>(Object.fromEntries([...kept, ...renamed]))
  return {
    set: Object.fromEntries(all.filter(([, value]) => value !== null)),
    gone: all.flatMap(([name, value]) => (value === null ? [cut(name, NAME_LENGTH)] : [])),
  }
}

/** Mixpanel reads dates of profiles from text. */
function dated(trait: string, value: Json): Json {
  return trait === 'createdAt' && typeof value === 'number' && moment(value) !== undefined ? new Date(value).toISOString() : value
}

function distinctIdOf({ userId, anonymousId }: CanonicalEvent, { identity }: Outgoing): string | undefined {
  if (userId !== undefined || anonymousId === undefined) return userId
  return identity === 'simplified' ? DEVICE + anonymousId : anonymousId
}

/** Never in the future: Mixpanel would refuse it, or write its own now, another one at each attempt. */
function timeOf({ timestamp, receivedAt }: CanonicalEvent, now: number): number {
  const time = Math.min(timestamp, receivedAt)
  return Math.trunc(time > now + AHEAD ? now : time)
}

function troubleOf(event: CanonicalEvent): string | undefined {
  const { type, userId, anonymousId } = event
  if (type !== 'group' && userId === undefined && anonymousId === undefined) return 'no userId and no anonymousId: Mixpanel needs one of them'
  const user = userId === undefined ? undefined : idTrouble('userId', userId)
  return user ?? (anonymousId === undefined ? undefined : idTrouble('anonymousId', anonymousId))
}

function row(endpoint: Endpoint, content: JsonObject, repeatable = true): Row {
  return { endpoint, row: content, bytes: jsonBytes(content) + 1, repeatable }
}
