import picocolors from 'picocolors'
import { afterEach, describe, expect, it } from 'vitest'
import { clip, columns, fromNow, localTime, percent, plural } from './output.ts'

const HOUR = 3_600_000
const zone = process.env['TZ']
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

describe('columns', () => {
  it('aligns to the widest cell, numbers to the right, and leaves nothing at the end of a line', () => {
    expect(
      columns(
        [
          ['engaged', '5', 'x'],
          ['at-risk', '1,200', ''],
        ],
        [{}, { align: 'right' }],
      ),
    ).toBe('  engaged      5  x\n  at-risk  1,200')
  })

  it('does not take colours for width', () => {
    const { red } = picocolors.createColors(true)
    expect(
      columns([
        [red('a'), 'b'],
        ['ccc', 'd'],
      ]),
    ).toBe(`  ${red('a')}    b\n  ccc  d`)
  })
})

describe('localTime', () => {
  it.each([
    ['UTC', '2026-08-01T12:30:45+00:00'],
    ['Asia/Kolkata', '2026-08-01T18:00:45+05:30'],
    ['America/St_Johns', '2026-08-01T10:00:45-02:30'],
  ])('in %s', (timezone, shown) => {
    process.env['TZ'] = timezone
    expect(localTime(Date.parse('2026-08-01T12:30:45.678Z'))).toBe(shown)
  })

  it('does not choke on a moment that is none', () => {
    expect(localTime(Number.NaN)).toBe('unknown')
    expect(localTime(8.64e15 + 1)).toBe('unknown')
  })
})

it('fromNow uses the largest unit that fits twice', () => {
  expect([36 * HOUR, 48 * HOUR, -90_000, 500, 1_500].map((distance) => fromNow(1e12 + distance, 1e12))).toEqual([
    'in 36 hours',
    'in 2 days',
    '90 seconds ago',
    'now',
    'in 2 seconds',
  ])
})

it('small words', () => {
  expect([plural(1, 'event'), plural(2_000, 'event'), percent(1, 3), percent(0, 0), clip('a\n b  c', 20), clip('abcdef', 4)]).toEqual([
    '1 event',
    '2,000 events',
    '33.3%',
    '-',
    'a b c',
    'abc…',
  ])
})
