import { firebase } from '@waymark/adapter-firebase'
import { sqlite } from '@waymark/store-sqlite'
import { dayThrough, fakeFirebase } from '@waymark/testkit/vendors'
import { expect, it } from 'vitest'

const EVENTS = Number(process.env.DAY_EVENTS ?? 100_000)
const APP = '1:123:android:abc'

// Google knows no copies. So what may have arrived is not sent again: some of the dead letters are there, and nothing is there twice.
it('a day of 100,000 events to firebase, with 2% 429, 1% 5xx, 1% partly refused and 0.5% of the answers lost: each is delivered or a dead letter, none counts twice', async () => {
  const google = await fakeFirebase()
  const plugin = firebase({ receive: false, sink: { streams: { [APP]: 'secret' }, host: google.url } })
  const day = await dayThrough(plugin, google, {
    store: sqlite(':memory:'),
    events: EVENTS,
    event: (index) => ({ userId: `user-${index % 20}`, anonymousId: String(index % 20).padStart(32, '0') }),
  })
  await google.stop()
  expect(day.delivered + day.deadLettered).toBe(EVENTS)
  expect(day).toMatchObject({ storedTwice: 0, copies: 0 })
  expect(day.storedOnce).toBeGreaterThan(day.delivered)
  expect(day.storedOnce - day.delivered).toBeLessThan(EVENTS * 0.02)
}, 300_000)
