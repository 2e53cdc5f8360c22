import { expect, it } from 'vitest'
import { renderReplay } from './render-replay.ts'
import { plainColors } from './terminal.ts'

it('shows counts and percent of every member, what was held back by what, and why events were not accepted', () => {
  const text = renderReplay(
    {
      milliseconds: 2_000,
      reasons: new Map([
        ['signed_up.properties.plan: not one of these', { count: 3, line: 4_000 }],
        ['no messageId', { count: 5, line: 12 }],
        ...Array.from({ length: 5 }, (_, index) => [`reason ${index}`, { count: 1, line: index }] as const),
      ]),
      summary: {
        events: 10_000,
        accepted: 9_986,
        duplicates: 0,
        refused: 2,
        quarantined: 12,
        profiles: 200,
        segments: { engagement: { engaged: 50, 'at-risk': 140 }, whole: { all: 200 } },
        decisions: { tip: { sent: 1_000, suppressed: { consent: 2, 'quiet-hours': 1_234 } }, quiet: { sent: 0, suppressed: {} } },
      },
    },
    plainColors,
  )
  expect(text).toBe(`10,000 events of 200 profiles in 2.0 s, 5,000 events/s

Events
  accepted     9,986  99.9%
  quarantined     12   0.1%
  refused          2   0.0%
    5  no messageId  (first in line 12)
    3  signed_up.properties.plan: not one of these  (first in line 4,000)
    1  reason 0  (line 0)
    1  reason 1  (line 1)
    1  reason 2  (line 2)
    and 2 other reasons; --quarantine FILE writes them all

Segments
  engagement  engaged   50   25.0%
              at-risk  140   70.0%
              in none   10    5.0%
  whole       all      200  100.0%

Decisions
  tip    1,000 sent  1,236 held back  1,234 by quiet hours, 2 by consent
  quiet      0 sent      0 held back
`)
})

it('does without segments, rules and events', () => {
  const text = renderReplay(
    {
      milliseconds: 0,
      reasons: new Map(),
      summary: { events: 0, accepted: 0, duplicates: 0, refused: 0, quarantined: 0, profiles: 0, segments: {}, decisions: {} },
    },
    plainColors,
  )
  expect(text).toContain('0 events of 0 profiles')
  expect(text).toContain('none in this config')
  expect(text).toContain('no rules in this config')
})
