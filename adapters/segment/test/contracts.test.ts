import { createHmac } from 'node:crypto'
import { describeEraser, describeRoutes, describeSink } from '@waymark/testkit/plugin'
import { fakeSegment } from '@waymark/testkit/vendors'
import { segment } from '../src/index.ts'
import { basic, track } from './endpoints.ts'

describeSink('segment', async () => {
  const receiver = await fakeSegment()
  return { plugin: segment({ receive: false, sink: { writeKey: 'WK', host: receiver.url } }), receiver }
})

describeEraser('segment', async () => {
  const receiver = await fakeSegment()
  return { plugin: segment({ receive: false, privacy: { token: 'TOKEN', host: receiver.url } }), receiver, finish: () => receiver.finish() }
})

const batch = [track({ messageId: 'a' }), track({ messageId: 'b', userId: undefined, anonymousId: 'an1' })]

describeRoutes('segment', () => ({
  plugin: segment({ writeKeys: { wk: 'web' } }),
  send: (url) => fetch(`${url}/v1/batch`, { method: 'POST', headers: basic('wk:'), body: JSON.stringify({ batch }) }),
  events: 2,
}))

describeRoutes("segment's webhook", () => ({
  plugin: segment({ receive: false, webhook: { secret: 'shhh' } }),
  send(url) {
    const body = JSON.stringify(track({ messageId: undefined, timestamp: '2026-01-02T03:04:05.000Z' }))
    return fetch(`${url}/segment/webhook`, { method: 'POST', headers: { 'x-signature': createHmac('sha1', 'shhh').update(body).digest('hex') }, body })
  },
  events: 1,
}))
