import type { CanonicalEvent } from '@waymark/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOfProfile, profileNamed, warehouseRows } from './warehouse-rows.ts'

const EVENT: CanonicalEvent = {
  type: 'track',
  event: 'done',
  messageId: 'm1',
  userId: 'u1',
  timestamp: Date.UTC(2026, 4, 3, 23, 59, 59, 999),
  receivedAt: 0,
  properties: {},
  traits: {},
  context: {},
  integrations: {},
  source: 'web',
}

function valuesOf(event: CanonicalEvent): Readonly<Record<string, string | number | null>> {
  const read = warehouseRows(event)
  if ('reason' in read) throw new Error(read.reason)
  return read.rows[0]!.values
}

describe('rows of a warehouse', () => {
  it('hold JSON that is well-formed, and says the same wherever it can be said', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (properties) => {
        const written = JSON.parse(String(valuesOf({ ...EVENT, properties })['properties']))
        expect(written).toEqual(JSON.parse(JSON.stringify(properties).toWellFormed()))
      }),
    )
    const halves = { 'a\ud800': '\udfffb', escaped: '\\ud800', pair: '😀' }
    expect(JSON.parse(String(valuesOf({ ...EVENT, properties: halves })['properties']))).toEqual({ 'a\ufffd': '\ufffdb', escaped: '\\ud800', pair: '😀' })
  })

  it('fall into the UTC day of the event', () => {
    expect(valuesOf(EVENT)['day']).toBe('2026-05-03')
    expect(valuesOf({ ...EVENT, timestamp: -1 })['day']).toBe('1969-12-31')
  })

  it.each([
    [{ userId: undefined }, /userId/],
    [{ userId: 'a\ud800' }, /user_id/],
    [{ timestamp: Number.NaN }, /timestamp/],
  ])('cannot be made of %j', (fields, reason) => {
    expect(warehouseRows({ ...EVENT, ...fields } as CanonicalEvent)).toEqual({ reason: expect.stringMatching(reason) })
  })

  it('belong to the user before the device', () => {
    expect(warehouseRows({ ...EVENT, anonymousId: 'a1' })).toMatchObject({ rows: [{ owner: 'user:u1' }] })
    const { userId: _, ...visit } = EVENT
    expect(warehouseRows({ ...visit, anonymousId: 'a1' })).toMatchObject({ rows: [{ owner: 'anonymous:a1' }] })
    for (const profile of ['u1', 'anon:a1', 'a:b']) expect(profileNamed(keyOfProfile(profile))).toBe(profile)
  })
})
