import { segment } from '@waymark/adapter-segment'
import { definePlan, defineWaymark, type Plugin } from '@waymark/core'
import { createHost, serve, silentLogger } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'
import { THRESHOLDS } from './history.ts'

/**
 * A host that is started as a process of its own, and killed. Arguments: the database, and where its receivers listen. Says its
 * port on stdout.
 */
const [file, receivers] = process.argv.slice(2) as [string, string]

/** Posts what it is given, under its key; the receiver answers when it has written it down. */
async function post(path: string, body: unknown, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(receivers + path, { method: 'POST', body: JSON.stringify(body), signal })
  await response.arrayBuffer()
  return response.ok
}

/** Its receiver knows a message by its key, so it is sent again whenever it may not have arrived. */
const keyed: Plugin = {
  name: 'keyed',
  purpose: 'essential',
  channel: {
    name: 'keyed',
    reach: 'inside',
    dedup: { windowMs: Number.POSITIVE_INFINITY },
    send: async (message, _, { signal }) => ((await post('/keyed', message, signal)) ? { status: 'sent' } : { status: 'retry', reason: 'refused' }),
  },
}

/** Its receiver takes everything it is given for new. */
const plain: Plugin = {
  name: 'plain',
  purpose: 'essential',
  channel: {
    name: 'plain',
    reach: 'inside',
    send: async (message, _, { signal }) => ((await post('/plain', message, signal)) ? { status: 'sent' } : { status: 'retry', reason: 'refused' }),
  },
}

const warehouse: Plugin = {
  name: 'warehouse',
  purpose: 'essential',
  sink: {
    async deliver(events, { signal }) {
      const isStored = await post(
        '/events',
        events.map(({ messageId }) => messageId),
        signal,
      )
      return events.map(() => (isStored ? { status: 'delivered' } : { status: 'retry', reason: 'refused' }))
    },
  },
}

const plan = definePlan({ events: { did_it: z.object({ n: z.number() }) }, traits: z.object({}) })
const { did, otherwise } = plan.behaviour
const rulesFor = (channel: string) =>
  THRESHOLDS.map((times) =>
    plan.rule(`${channel}-${times}`, { when: did('did_it').atLeast(times), send: { channel, kind: 'note', content: { title: `${times} times` } } }),
  )

const host = await createHost(
  defineWaymark({
    plan,
    segments: [plan.segments('busy', { busy: did('did_it').atLeast(10), idle: otherwise })],
    rules: [...rulesFor('keyed'), ...rulesFor('plain')],
    plugins: [segment(), keyed, plain, warehouse],
    store: sqlite(file),
  }),
  { logger: silentLogger },
)
const { port } = await serve(host, { port: 0 })
console.log(port)
process.on('SIGTERM', () => {
  void host.close().then(() => process.exit(0))
})
