import { describe, expect, it } from 'vitest'
import { parseEvent } from '../src/event.ts'
import { createBan, withoutNobody } from '../src/nobody.ts'

const DEFAULTS = { source: 'web', receivedAt: 1_764_000_000_000 }
const read = (fields: object) => parseEvent({ type: 'track', event: 'used', messageId: 'm', ...fields }, DEFAULTS)

const NOBODIES = [
  ...['null', 'NULL', ' Null ', '\\N', 'undefined', 'none', 'None', 'NaN', 'nil', 'N/A', '#N/A', '(not set)', 'unknown', 'Anonymous', 'guest'],
  ...['0', '-1', 'true', 'FALSE', '[object Object]', '0000', '00000000-0000-0000-0000-000000000000', '   ', '000000000000000', `${' '.repeat(30)}NULL`],
]

describe('an id that stands for nobody', () => {
  it.each(NOBODIES)('%j is refused when it is all there is', (id) => {
    for (const field of ['userId', 'anonymousId'] as const) {
      expect(read({ [field]: id })).toEqual({ ok: false, reason: `${field}: ${JSON.stringify(id)} stands for nobody; send no id until there is one` })
    }
  })

  it.each(NOBODIES)('%j is left out when there is another, with the reason', (id) => {
    expect(read({ userId: 'u', anonymousId: id })).toMatchObject({ ok: true, leftOut: [expect.stringMatching(/^anonymousId: .* stands for nobody/)] })
    const user = read({ userId: id, anonymousId: 'a' })
    expect(user).toMatchObject({ ok: true, value: { anonymousId: 'a' }, leftOut: [expect.stringMatching(/^userId: /)] })
    expect(user.ok && 'userId' in user.value).toBe(false)
  })

  it('may be a number', () => {
    expect(read({ userId: 0 })).toMatchObject({ ok: false })
    expect(read({ userId: 7 })).toMatchObject({ ok: true, value: { userId: '7' } })
  })

  it('is an id of many devices only where a device is meant', () => {
    expect(read({ anonymousId: '9774D56D682E549C' })).toEqual({
      ok: false,
      reason: 'anonymousId: "9774D56D682E549C" is the id of many devices; let the SDK make one for each',
    })
    expect(read({ userId: '9774d56d682e549c' })).toMatchObject({ ok: true })
  })

  it('makes an alias from it no alias, and matters not to other events', () => {
    expect(read({ type: 'alias', userId: 'u', previousId: 'null' })).toMatchObject({ ok: false, reason: expect.stringMatching(/^previousId: "null"/) })
    const event = read({ userId: 'u', previousId: 'null' })
    expect(event.ok && 'previousId' in event.value).toBe(false)
  })

  it('leaves a group event that names nobody, as one without an id would', () => {
    expect(read({ type: 'group', groupId: 'g', userId: 'null' })).toMatchObject({ ok: true, value: { groupId: 'g' } })
    expect(read({ groupId: '0', userId: 'u' })).toMatchObject({ ok: true, value: { groupId: '0' } })
  })

  it.each(['nullable', 'u0', '10', '-10', 'nobody', 'trueman', '00000000-0000-0000-0000-000000000001', 'x'.repeat(500)])('%s may be somebody', (id) => {
    const event = read({ userId: id, anonymousId: id })
    expect(event).toMatchObject({ ok: true, value: { userId: id, anonymousId: id } })
    expect(event).not.toHaveProperty('leftOut')
  })
})

describe('what a config bans', () => {
  const ban = createBan(['Kiosk-*', ' test '])
  it.each(['kiosk-7', 'KIOSK-', 'Test', 'test '])('%j, whole or by its beginning, in any case', (id) => {
    expect(ban('anonymousId', id)).toBe(`anonymousId: ${JSON.stringify(id)} is banned in the config, by identity.banned`)
    expect(ban('userId', id)).toMatch(/^userId: /)
  })

  it('leaves the others', () => {
    for (const id of ['kiosk', 'test-1', 'my kiosk-7']) expect(ban('anonymousId', id)).toBeUndefined()
  })

  it('is beside what is banned everywhere, and long ids are looked at too', () => {
    expect(ban('userId', 'null')).toMatch(/stands for nobody/)
    expect(ban('userId', `kiosk-${'x'.repeat(100)}`)).toMatch(/banned in the config/)
  })

  it('gives the very event back when nothing is left out', () => {
    const event = read({ userId: 'u' })
    if (event.ok) expect(withoutNobody(event.value, ban)).toEqual({ ok: true, value: event.value })
    expect(event.ok && withoutNobody(event.value, ban).ok).toBe(true)
  })
})
