import type { CanonicalEvent } from '@waymark/core'

/** The moment that a memory context's clock shows. */
export const NOW: number = Date.UTC(2026, 0, 2, 12)
export const APP = '1:123:android:abc'
export const WEB = 'G-ABC123'
export const INSTANCE = '0123456789abcdef0123456789abcdef'

let count = 0

/** An event of an app's device. */
export function event(fields: Partial<CanonicalEvent> = {}): CanonicalEvent {
  count += 1
  return {
    type: 'track',
    ...(fields.type === undefined || fields.type === 'track' ? { event: 'signed_up' } : {}),
    messageId: `m${count}`,
    userId: 'u1',
    anonymousId: INSTANCE,
    timestamp: NOW - 1000,
    receivedAt: NOW,
    properties: {},
    traits: {},
    context: {},
    integrations: {},
    source: 'server',
    ...fields,
  }
}
