import { amplitude } from '@waymark/adapter-amplitude'
import { firebase } from '@waymark/adapter-firebase'
import { mixpanel } from '@waymark/adapter-mixpanel'
import { segment } from '@waymark/adapter-segment'
import type { Plugin } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import type { Day, DayOptions, VendorServer } from '@waymark/testkit/vendors'
import { dayThrough, fakeAmplitude, fakeFirebase, fakeMixpanel, fakeSegment } from '@waymark/testkit/vendors'

interface Road extends Pick<DayOptions, 'event'> {
  readonly vendor: VendorServer<unknown>
  readonly plugin: Plugin
}

/** How events get to each vendor. */
const ROADS = {
  async amplitude() {
    const vendor = await fakeAmplitude()
    return { vendor, plugin: amplitude({ receive: false, sink: { apiKey: 'AK', host: vendor.url } }) }
  },
  async firebase() {
    const vendor = await fakeFirebase()
    const app = '1:123:android:abc'
    return {
      vendor,
      plugin: firebase({ receive: false, sink: { streams: { [app]: 'secret' }, host: vendor.url } }),
      // A request is of one device: users come one after another, a request's worth each.
      event(index) {
        const user = Math.floor(index / 25) % 2_000
        return { userId: `user-${user}`, anonymousId: String(user).padStart(32, '0') }
      },
    }
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
} satisfies Readonly<Record<string, () => Promise<Road>>>

export type VendorName = keyof typeof ROADS

export const VENDORS = Object.keys(ROADS) as readonly VendorName[]

/** A day as it went, and whether the vendor drops the second of two copies. */
export interface DayThere extends Day {
  readonly dedups: boolean
}

/** A day of so many events to one vendor, in a store of its own. */
export async function dayTo(name: VendorName, options: Pick<DayOptions, 'events' | 'maxBatch'>): Promise<DayThere> {
  const { vendor, plugin, ...own }: Road = await ROADS[name]()
  try {
    return { ...(await dayThrough(plugin, vendor, { store: sqlite(':memory:'), ...own, ...options })), dedups: vendor.dedups }
  } finally {
    await vendor.stop()
  }
}

/** What is wrong with a day; nothing when each event is kept once or is a dead letter. */
export function wrongs({ events, delivered, deadLettered, storedOnce, storedTwice, copies, requests, dedups }: DayThere): readonly string[] {
  const expected: readonly (readonly [boolean, string])[] = [
    [delivered + deadLettered === events, `${delivered} delivered and ${deadLettered} dead letters are not ${events} events`],
    [storedTwice === 0, `${storedTwice} are kept more than once`],
    // Each of the four happened: something was refused for good, something came again that was there already, or was not sent again for fear of that.
    [deadLettered > 0, 'nothing was refused'],
    [requests > events / 100, `${requests} requests are too few to say anything`],
    ...(dedups
      ? ([
          [storedOnce === delivered, `${storedOnce} are kept of ${delivered} delivered`],
          [copies > 0, 'no answer was lost'],
        ] as const)
      : // What may have arrived is a dead letter, and is there all the same.
        ([
          [copies === 0, `${copies} were sent again to a vendor that knows no copies`],
          [storedOnce > delivered, 'no answer was lost'],
          [storedOnce - delivered < events * 0.02, `${storedOnce - delivered} dead letters are kept all the same`],
        ] as const)),
  ]
  return expected.flatMap(([holds, wrong]) => (holds ? [] : [wrong]))
}
