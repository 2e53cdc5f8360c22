import { describeEraser, describeRoutes, describeSink, describeSource } from '@waymark/testkit/plugin'
import { fakeAmplitude } from '@waymark/testkit/vendors'
import { amplitude } from '../src/index.ts'
import { exportOf } from './export-file.ts'

const keys = { apiKey: 'AK', secretKey: 'SK' }

describeSink('amplitude', async () => {
  const receiver = await fakeAmplitude()
  return { plugin: amplitude({ receive: false, sink: { apiKey: 'AK', host: receiver.url } }), receiver }
})

describeRoutes('amplitude', () => ({
  plugin: amplitude({ apiKeys: { AK: 'web' } }),
  events: 2,
  send: (url) =>
    fetch(`${url}/2/httpapi`, {
      method: 'POST',
      body: JSON.stringify({
        api_key: 'AK',
        events: [
          { user_id: 'user-1', event_type: 'Signed Up', insert_id: 'a' },
          { device_id: 'device-1', event_type: 'Opened', insert_id: 'b' },
        ],
      }),
    }),
}))

describeSource('amplitude exports', async () => {
  const receiver = await fakeAmplitude()
  const lines = Array.from({ length: 2500 }, (_, index) => ({
    uuid: `id-${index}`,
    user_id: 'user-1',
    event_type: 'Opened',
    event_time: '2026-01-02 08:10:00.000000',
  }))
  receiver.project.archives.set('20260102T08', await exportOf(lines))
  return { plugin: amplitude({ receive: false, rest: { ...keys, host: receiver.url }, export: true }), events: 2500, receiver }
})

describeEraser('amplitude', async () => {
  const receiver = await fakeAmplitude()
  receiver.project.users.set('sample-user', 1).set('u1', 2)
  receiver.project.devices.set('sample-device', 3)
  return {
    plugin: amplitude({ receive: false, rest: { ...keys, host: receiver.url }, erase: true }),
    receiver,
    finish: () => {
      for (const deletion of receiver.project.deletions) deletion.status = 'done'
    },
  }
})
