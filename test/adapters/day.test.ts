import { amplitude } from '@waymark/adapter-amplitude'
import { mixpanel } from '@waymark/adapter-mixpanel'
import { segment } from '@waymark/adapter-segment'
import type { Plugin } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import type { VendorServer } from '@waymark/testkit/vendors'
import { dayThrough, fakeAmplitude, fakeMixpanel, fakeSegment } from '@waymark/testkit/vendors'
import { describe, expect, it } from 'vitest'

const EVENTS = 100_000

interface Road {
  readonly vendor: VendorServer<unknown>
  readonly plugin: Plugin
}

/** How events get to each vendor. */
const ROADS: Readonly<Record<string, () => Promise<Road>>> = {
  async amplitude() {
    const vendor = await fakeAmplitude()
    return { vendor, plugin: amplitude({ receive: false, sink: { apiKey: 'AK', host: vendor.url } }) }
  },
  async mixpanel() {
    // Its clock stands past the day, and past the days that are needed after it.
    const vendor = await fakeMixpanel({ now: () => Date.UTC(2026, 1, 1) })
    return { vendor, plugin: mixpanel({ receive: false, sink: { token: 'TOK', host: vendor.url } }) }
  },
  async segment() {
    const vendor = await fakeSegment()
    return { vendor, plugin: segment({ receive: false, sink: { writeKey: 'WK', host: vendor.url } }) }
  },
}

describe.each(Object.entries(ROADS))('a day of 100,000 events to %s', (_, road) => {
  it('with 2% 429, 1% 5xx, 1% partly refused and 0.5% of the answers lost: each is kept once or is a dead letter', async () => {
    const { vendor, plugin } = await road()
    const day = await dayThrough(plugin, vendor, { store: sqlite(':memory:'), events: EVENTS })
    await vendor.stop()
    expect(day.delivered + day.deadLettered).toBe(EVENTS)
    expect(day).toMatchObject({ storedOnce: day.delivered, storedTwice: 0 })
    // Each of the four happened: something was refused for good, and something came again that was there already.
    expect(day.deadLettered).toBeGreaterThan(0)
    expect(day.copies).toBeGreaterThan(0)
    expect(day.requests).toBeGreaterThan(EVENTS / 50)
  }, 300_000)
})
