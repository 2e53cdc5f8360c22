import { describe, expect, it } from 'vitest'
import { dayTo, VENDORS, wrongs } from './roads.ts'

/** `pnpm day` takes 100,000. Fewer events want smaller batches, for as much to go wrong. */
const DAY = { events: 20_000, maxBatch: 25 }

describe.each(VENDORS)('a day of 20,000 events to %s', (vendor) => {
  it('with 2% 429, 1% 5xx, 1% partly refused and 0.5% of the answers lost: each is kept once or is a dead letter', async () => {
    expect(wrongs(await dayTo(vendor, DAY))).toEqual([])
  }, 120_000)
})
