import { isObject } from '@waymark/core'
import { put, type Reading } from '@waymark/kit'
import { type Arrival, isEcho, readRow, type Said, withIds } from './from-mixpanel.ts'
import { messageIdOf, nameOf, textOf } from './ids.ts'
import { incomingName, PROPERTIES_AT } from './mapping.ts'
import { timeOf } from './time.ts'

/** Fields of an event that have places of their own here. */
const CONSUMED: readonly string[] = ['token', 'time', 'distinct_id', '$user_id', '$device_id', '$insert_id', 'waymark_through']
/** What `$identify` and its like carry besides. */
const LINKS: readonly string[] = ['$identified_id', '$anon_id', '$anon_distinct_id', 'alias', '$distinct_ids']

/** Reads one event as Mixpanel's SDKs send it to /track and /import, and as the raw export gives it. */
export function fromEvent(row: unknown, arrival: Arrival): Reading {
  return readRow(row, arrival, (fields) => [sayEvent(fields, arrival)])[0]!
}

function sayEvent({ event, properties }: Record<string, unknown>, arrival: Arrival): Said {
  if (typeof event !== 'string' || event === '') return { reason: 'event: an event needs a name' }
  if (!isObject(properties)) return { reason: 'properties: expected an object' }
  if (isEcho(properties['waymark_through'], arrival.echo)) return 'ignored'
  // Mixpanel itself drops it.
  if (properties['$ignore'] === true) return 'ignored'
  const stated = properties['time']
  const time = stated === undefined || stated === null ? arrival.receivedAt : timeOf(stated)
  if (time === undefined) return { reason: `properties.time: ${JSON.stringify(stated).slice(0, 80)} is not a time` }
  const insert = textOf(properties['$insert_id'])
  const common = {
    timestamp: time,
    messageId: insert === undefined ? arrival.id() : messageIdOf(event, properties['distinct_id'], time, insert),
    ...contentOf(properties, arrival.groupKey),
  }
  const say = Object.hasOwn(KNOWN, event) ? KNOWN[event] : undefined
  return (say ?? track)(properties, common, event)
}

type Say = (properties: Record<string, unknown>, common: Content & Readonly<Record<string, unknown>>, event: string) => Said

const track: Say = (properties, common, event) => ({ ...common, type: 'track', event: incomingName(event, 'event'), ...idsOf(properties) })

const KNOWN: Readonly<Record<string, Say | undefined>> = {
  $identify(properties, { context, ...common }) {
    const ids = idsOf(properties)
    const userId = textOf(properties['$identified_id']) ?? ids.userId
    const anonymousId = textOf(properties['$anon_id']) ?? ids.anonymousId ?? nameOf(properties['$anon_distinct_id']).anonymousId
    if (userId === undefined) return { reason: '$identify: it names no user' }
    return { ...common, context, type: 'identify', properties: {}, ...withIds({ userId, anonymousId }) }
  },
  $create_alias(properties, { context, ...common }) {
    const previous = nameOf(properties['distinct_id'])
    const previousId = previous.userId ?? previous.anonymousId
    const userId = textOf(properties['alias'])
    if (previousId === undefined || userId === undefined) return { reason: '$create_alias: it needs distinct_id and alias' }
    return previousId === userId ? 'ignored' : { ...common, context, type: 'alias', properties: {}, userId, previousId }
  },
  $merge(properties, { context, ...common }) {
    const pair = Array.isArray(properties['$distinct_ids']) ? properties['$distinct_ids'].map(nameOf) : []
    const names = pair.map(({ userId, anonymousId }) => userId ?? anonymousId)
    const [userId, previousId] = pair[0]?.userId === undefined ? names.toReversed() : names
    if (names.length !== 2 || userId === undefined || previousId === undefined) return { reason: '$merge: it needs two $distinct_ids' }
    return previousId === userId ? 'ignored' : { ...common, context, type: 'alias', properties: {}, userId, previousId }
  },
  $mp_web_page_view(properties, common) {
    const title = textOf(properties['current_page_title'])
    return { ...common, type: 'page', ...(title === undefined ? {} : { name: title }), ...idsOf(properties) }
  },
}

/** `distinct_id` names a device when it says so, or when it is the device's id, as it was before Mixpanel wrote `$device:` before those. */
function idsOf(properties: Record<string, unknown>): ReturnType<typeof withIds> {
  const device = textOf(properties['$device_id'])
  const named = nameOf(properties['distinct_id'])
  const isDevice = named.userId !== undefined && named.userId === device
  return withIds({ userId: textOf(properties['$user_id']) ?? (isDevice ? undefined : named.userId), anonymousId: device ?? named.anonymousId })
}

interface Content {
  readonly properties: Readonly<Record<string, unknown>>
  readonly context: Readonly<Record<string, unknown>>
  readonly groupId?: string
}

/** What the team sends stays a property; what SDKs and Mixpanel add, whose names begin with `$` or `mp_`, goes to the context. */
function contentOf(properties: Record<string, unknown>, groupKey: string): Content {
  const own: Record<string, unknown> = {}
  const context: Record<string, unknown> = {}
  const theirs: Record<string, unknown> = {}
  const group = groupIn(properties[groupKey])
  for (const [name, value] of Object.entries(properties)) {
    const path = Object.hasOwn(PROPERTIES_AT, name) ? PROPERTIES_AT[name] : undefined
    if (CONSUMED.includes(name) || LINKS.includes(name) || (name === groupKey && group !== undefined)) continue
    if (path !== undefined) put({ context }, path, value)
    else if (/^(\$|mp_)/.test(name)) theirs[name] = value
    else own[incomingName(name, 'property')] = value
  }
  if (Object.keys(theirs).length > 0) context['mixpanel'] = { properties: theirs }
  const through = properties['waymark_through']
  if (Array.isArray(through)) context['waymark'] = { through }
  return { properties: own, context, ...(group === undefined ? {} : { groupId: group }) }
}

/** Groups come as a list; with several, none is the one. */
function groupIn(value: unknown): string | undefined {
  return Array.isArray(value) && value.length === 1 ? textOf(value[0]) : undefined
}
