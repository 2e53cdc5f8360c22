import type { CanonicalEvent, EventType, JsonObject } from '@waymark/core'
import { EVENT_TYPES } from '@waymark/core'

const TIME = Date.UTC(2026, 0, 2, 11)

/** The mark of a sample, which is found again in whatever a receiver keeps of it. */
export function markOf(index: number): string {
  return `sample-${String(index).padStart(5, '0')}`
}

/** A frozen event of the user `sample-user`, with its mark among its properties and traits. */
export function sampleEvent(index: number, fields: Partial<CanonicalEvent> = {}): CanonicalEvent {
  const type = fields.type ?? 'track'
  const mark = markOf(index)
  return frozen({
    type,
    ...(type === 'track' ? { event: 'sample_done' } : {}),
    ...(type === 'page' || type === 'screen' ? { name: 'Sample' } : {}),
    ...(type === 'group' ? { groupId: 'sample-group' } : {}),
    ...(type === 'alias' ? { previousId: `sample-before-${mark}` } : {}),
    messageId: `message-${mark}`,
    userId: 'sample-user',
    timestamp: TIME + index * 1000,
    receivedAt: TIME + index * 1000 + 50,
    properties: type === 'identify' || type === 'group' ? {} : { mark },
    traits: type === 'identify' || type === 'group' ? { mark } : {},
    context: {},
    integrations: {},
    source: 'sample',
    ...fields,
  })
}

export function sampleEvents(count: number, from = 0): readonly CanonicalEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent(from + index))
}

/** One of each kind. */
export function everyKind(from = 0): readonly CanonicalEvent[] {
  return EVENT_TYPES.map((type: EventType, index) => sampleEvent(from + index, { type }))
}

/** Values that JSON, or a vendor, takes badly, each by what it is. */
export function oddEvents(from = 0): readonly (readonly [what: string, event: CanonicalEvent])[] {
  const odd: readonly (readonly [string, Partial<CanonicalEvent>])[] = [
    ['not-a-number', { properties: { value: Number.NaN, more: [Number.POSITIVE_INFINITY] } as unknown as JsonObject }],
    ['half a surrogate pair', { properties: { text: 'a\ud800b', '\udfff': 'key' }, userId: 'sample-\ud83d' }],
    ['a thousand levels', { properties: nested(1000) }],
    ['five megabytes', { properties: { text: 'x'.repeat(5 * 1024 * 1024) } }],
    ['three thousand properties', { properties: Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`key_${index}`, index])) }],
    ['a name of ten thousand characters', { event: 'x'.repeat(10_000) }],
    ['an id of ten thousand characters', { userId: 'x'.repeat(10_000) }],
    ['a message id of ten thousand characters', { messageId: 'x'.repeat(10_000) }],
    ['the name __proto__', { properties: JSON.parse('{"__proto__":{"polluted":true}}') as JsonObject }],
    ['a moment before 1970', { timestamp: -1 }],
    ['a moment far ahead', { timestamp: Date.UTC(2200, 0) }],
    ['an empty name', { event: '' }],
    ['null where text is usual', { properties: { name: null, list: [null], $set: null } }],
    ['control characters', { properties: { text: '\u0000\u0007\u2028' }, event: 'line\nbreak' }],
  ]
  return odd.map(([what, fields], index) => [what, sampleEvent(from + index, fields)])
}

function nested(levels: number): JsonObject {
  let value: JsonObject = {}
  for (let level = 0; level < levels; level += 1) value = { a: value }
  return value
}

/** A plugin that changes an event changes it for all others. */
function frozen<T>(value: T): T {
  const open: unknown[] = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    Object.freeze(next)
    open.push(...Object.values(next))
  }
  return value
}
