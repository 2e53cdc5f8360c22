import { isObject, type EventType } from '@waymark/core'

/** Fields every kind has, under the same name on both sides. `timestamp` is ISO 8601 at Segment, epoch milliseconds here. */
export const COMMON = ['userId', 'anonymousId', 'timestamp', 'messageId', 'context', 'integrations'] as const

/** What each kind carries besides: Segment's field <- ours. */
export const CARRIES: Readonly<Record<EventType, Readonly<Record<string, string>>>> = {
  track: { event: 'event', properties: 'properties' },
  identify: { traits: 'traits' },
  page: { name: 'name', category: 'properties.category', properties: 'properties' },
  screen: { name: 'name', category: 'properties.category', properties: 'properties' },
  group: { groupId: 'groupId', traits: 'traits' },
  alias: { previousId: 'previousId' },
}

/** Our field <- where else SDKs put it, best first. The field itself wins. */
export const ALSO_AT: Readonly<Record<string, readonly string[]>> = {
  groupId: ['context.groupId', 'properties.groupId'],
  previousId: ['properties.previousId'],
  'properties.category': ['category'],
}

/** Reads `context.groupId` out of a message; undefined where the way ends early. */
export function at(message: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), message)
}
