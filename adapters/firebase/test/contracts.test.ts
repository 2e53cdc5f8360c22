import { describeEraser, describeRoutes, describeSink, describeSource } from '@waymark/testkit/plugin'
import { fakeFirebase } from '@waymark/testkit/vendors'
import { describe } from 'vitest'
import { firebase } from '../src/index.ts'
import { APP, INSTANCE, NOW } from './events.ts'

const google = { project: 'demo', accessToken: async () => 'token' }

// By itself it sends at most once: Google keeps copies. `resend` turns that into at least once.
describe.each([{ resend: false }, { resend: true }])('with resend $resend', ({ resend }) => {
  describeSink('firebase', async () => {
    const receiver = await fakeFirebase()
    return { plugin: firebase({ receive: false, sink: { streams: { [APP]: 'secret' }, host: receiver.url, resend, instanceOf: () => INSTANCE } }), receiver }
  })
})

describeEraser('firebase', async () => {
  const receiver = await fakeFirebase()
  return { plugin: firebase({ receive: false, google, eraser: { property: '123', host: receiver.url } }), receiver }
})

describeRoutes('firebase', () => ({
  plugin: firebase({ streams: { [APP]: { name: 'app', apiSecret: 's' } } }),
  events: 2,
  send: (url) =>
    fetch(`${url}/mp/collect?firebase_app_id=${encodeURIComponent(APP)}&api_secret=s`, {
      method: 'POST',
      body: JSON.stringify({ app_instance_id: INSTANCE, timestamp_micros: (NOW - 1000) * 1000, events: [{ name: 'one' }, { name: 'two' }] }),
    }),
}))

describeSource('firebase BigQuery', async () => {
  const fake = await fakeFirebase()
  const rows = Array.from({ length: 7 }, (_, index) => ({
    event_name: 'level_up',
    event_timestamp: String((NOW - 10_000 + index) * 1000),
    user_pseudo_id: INSTANCE,
    stream_id: '77',
    batch_event_index: index,
  }))
  fake.bigquery.tables.set('events_20260101', { rows: rows.slice(0, 4), changed: 1 })
  fake.bigquery.tables.set('events_intraday_20260102', { rows: rows.slice(4), changed: 1 })
  return {
    plugin: firebase({ receive: false, google, bigquery: { dataset: 'analytics_1', apiEndpoint: fake.url, pageRows: 2 } }),
    events: 7,
    stop: () => fake.stop(),
  }
})
