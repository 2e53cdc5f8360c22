import type { CanonicalEvent } from '@waymark/core'
import { sampleEvent } from '@waymark/testkit/plugin'

const DAY = 86_400_000

/** The same ones every time, of five days and forty users, late ones among them; one in ten tells of a membership or a decision. */
export function madeEvents(count: number): readonly CanonicalEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const fields = { userId: `user-${index % 40}`, timestamp: sampleEvent(index).timestamp - ((index * 7_919) % 5) * DAY }
    if (index % 20 === 0) return sampleEvent(index, { ...fields, source: 'waymark', type: 'identify', traits: { waymark_use: `m${index % 3}` } })
    if (index % 20 === 10) return sampleEvent(index, { ...fields, source: 'waymark', event: 'waymark_decision', properties: { rule: 'tip' } })
    return sampleEvent(index, fields)
  })
}
