import { isObject } from '@waymark/core'
import { type Reading, sha256 } from '@waymark/kit'
import { type Arrival, readRow, type Said, withIds } from './from-mixpanel.ts'
import { nameOf, textOf } from './ids.ts'
import { PROFILE_OPERATIONS, TRAITS } from './mapping.ts'
import { timeOf } from './time.ts'

/** Traits that Waymark itself sets through the sink: they are known here already. */
const OURS = 'waymark_'

/** Reads one update of a profile as Mixpanel's SDKs send it to /engage. */
export function fromProfile(row: unknown, arrival: Arrival): readonly Reading[] {
  return readRow(row, arrival, (fields) => sayProfile(fields, arrival))
}

/** Reads one update of a group as Mixpanel's SDKs send it to /groups. */
export function fromGroup(row: unknown, arrival: Arrival): readonly Reading[] {
  return readRow(row, arrival, (fields) => {
    const groupId = textOf(fields['$group_id'])
    if (groupId === undefined) return [{ reason: '$group_id: missing' }]
    if ('$delete' in fields) return [{ reason: '$delete: a group is not deleted here' }]
    const time = statedTime(fields, arrival)
    if (typeof time !== 'number') return [time]
    const rest = operationsIn(fields)
    const key = textOf(fields['$group_key'])
    const context = { mixpanel: { ...(key === undefined ? {} : { groupKey: key }), ...(rest === undefined ? {} : { profile: rest }) } }
    return [{ type: 'group', groupId, messageId: arrival.id(), timestamp: time, traits: traitsIn(fields), context }]
  })
}

/** The traits of a profile as a query of Mixpanel gives it: the same message id as long as nothing has changed. */
export function fromStoredProfile(row: unknown, arrival: Arrival): readonly Reading[] {
  return readRow(row, arrival, (fields) => {
    const properties = fields['$properties']
    if (!isObject(properties)) return [{ reason: '$properties: expected an object' }]
    const { $last_seen: _, ...lasting } = properties
    const messageId = sha256(JSON.stringify(['profile', fields['$distinct_id'], lasting]))
    return [{ type: 'identify', messageId, timestamp: arrival.receivedAt, traits: renamed(lasting), ...withIds(nameOf(fields['$distinct_id'])) }]
  })
}

function sayProfile(row: Record<string, unknown>, arrival: Arrival): readonly Said[] {
  const name = nameOf(row['$distinct_id'])
  const device = textOf(row['$device_id'])
  const ids = withIds({ userId: textOf(row['$user_id']) ?? (name.userId === device ? undefined : name.userId), anonymousId: device ?? name.anonymousId })
  if ('$delete' in row) return [{ reason: '$delete: a profile is not deleted by an update; use the erasure of Waymark' }]
  const timestamp = statedTime(row, arrival)
  if (typeof timestamp !== 'number') return [timestamp]
  const profile = operationsIn(row)
  const context = {
    ...(typeof row['$ip'] === 'string' && row['$ip'] !== '0' ? { ip: row['$ip'] } : {}),
    ...(profile === undefined ? {} : { mixpanel: { profile } }),
  }
  const common = { type: 'identify', timestamp, context, ...ids }
  const once = onceIn(row).map(([trait, value]) => ({ ...common, context: {}, messageId: onceId(row['$distinct_id'], trait), traits: { [trait]: value } }))
  const traits = traitsIn(row)
  const isEmpty = Object.keys(traits).length === 0 && profile === undefined
  return isEmpty && once.length > 0 ? once : [{ ...common, messageId: arrival.id(), traits }, ...once]
}

/**
 * Set once: each trait is an event of its own with an id made of user and trait, so that a second one is a duplicate, as long as the host
 * remembers message ids (a week or more). An empty one would only keep the first real value out.
 */
function onceIn(row: Record<string, unknown>): [string, unknown][] {
  const once = row['$set_once']
  return isObject(once) ? Object.entries(renamed(once)).filter(([, value]) => value !== null && value !== '') : []
}

function onceId(distinctId: unknown, trait: string): string {
  return sha256(JSON.stringify(['$set_once', distinctId, trait]))
}

/** What `$set` and `$unset` come to. */
function traitsIn(row: Record<string, unknown>): Record<string, unknown> {
  const set = isObject(row['$set']) ? row['$set'] : {}
  const gone = Array.isArray(row['$unset']) ? row['$unset'].filter((name) => typeof name === 'string') : []
  return { ...renamed(set), ...renamed(Object.fromEntries(gone.map((name) => [name, null]))) }
}

/** Operations on what only Mixpanel knows: kept in the context, for a sink that leads to Mixpanel and for whoever wants to see them. */
function operationsIn(row: Record<string, unknown>): Record<string, unknown> | undefined {
  const kept = Object.keys(PROFILE_OPERATIONS).flatMap((operation) => {
    return operation !== '$set_once' && isObject(row[operation]) ? [[operation, row[operation]] as const] : []
  })
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function renamed(properties: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(properties).filter(([name]) => !name.startsWith(OURS))
  return Object.fromEntries(kept.map(([name, value]) => [Object.hasOwn(TRAITS, name) ? TRAITS[name] : name, value]))
}

function statedTime(row: Record<string, unknown>, arrival: Arrival): number | { readonly reason: string } {
  const stated = row['$time']
  if (stated === undefined || stated === null) return arrival.receivedAt
  return timeOf(stated) ?? { reason: `$time: ${JSON.stringify(stated).slice(0, 80)} is not a time` }
}
