import { describeSink } from '@waymark/testkit/plugin'
import { fakeSegment } from '@waymark/testkit/vendors'
import { segment } from '../src/index.ts'

describeSink('segment', async () => {
  const receiver = await fakeSegment()
  return { plugin: segment({ receive: false, sink: { writeKey: 'WK', host: receiver.url } }), receiver }
})
