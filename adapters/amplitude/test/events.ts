import type { CanonicalEvent } from '@waymark/core'

let count = 0

/** An event of the user u1, with an id of its own. */
export function event(fields: Partial<CanonicalEvent> = {}): CanonicalEvent {
  count += 1
  return {
    type: 'track',
    ...(fields.type === undefined || fields.type === 'track' ? { event: 'Signed Up' } : {}),
    messageId: `m${count}`,
    userId: 'u1',
    timestamp: Date.UTC(2024, 0, 2, 3, 4, 5, 678),
    receivedAt: Date.UTC(2024, 0, 2, 3, 4, 6),
    properties: {},
    traits: {},
    context: {},
    integrations: {},
    source: 'web',
    ...fields,
  }
}

export function nobody(fields: Partial<CanonicalEvent> = {}): CanonicalEvent {
  const { userId: _, ...rest } = event(fields)
  return rest
}
