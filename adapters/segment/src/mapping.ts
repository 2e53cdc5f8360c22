import type { EventType } from '@waymark/core'

/*
 * Every kind has userId, anonymousId, messageId, context, integrations and timestamp, under the same name on both sides.
 * A timestamp is ISO 8601 at Segment, epoch milliseconds here.
 */

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
