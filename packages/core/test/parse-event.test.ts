import { expect, it } from 'vitest'
import { parseEvent } from '../src/event.ts'

const read = (fields: object) => parseEvent({ type: 'track', event: 'used', messageId: 'm', userId: 'u', ...fields }, { source: 'web', receivedAt: 1_000 })

it.each(['userId', 'anonymousId', 'previousId'])('an event whose %s is longer than any id is refused with the reason', (field) => {
  expect(read({ [field]: 'x'.repeat(500) })).toMatchObject({ ok: true, value: { [field]: 'x'.repeat(500) } })
  expect(read({ [field]: 'x'.repeat(501) })).toEqual({ ok: false, reason: `${field}: longer than 500 characters` })
})
