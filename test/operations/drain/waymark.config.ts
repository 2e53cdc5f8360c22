import { segment } from '@waymark/adapter-segment'
import { definePlan, defineWaymark, type Plugin, type Store, WaymarkError } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'

/** What the drain tests serve: events in, every one of them on to a receiver, a message for every fifth of a user. What hangs, hangs when asked to. */
const plan = definePlan({ events: { did_it: z.object({ n: z.number() }) }, traits: z.object({}) })
const { did, otherwise } = plan.behaviour
const receiver = process.env['DRAIN_RECEIVER'] ?? 'http://127.0.0.1:1'
const hangs = (process.env['DRAIN_HANGS'] ?? '').split(',')
const never = new Promise<never>(() => {})

const courier: Plugin = {
  name: 'courier',
  purpose: 'essential',
  channel: {
    name: 'courier',
    reach: 'inside',
    async send(message, _recipient, context) {
      if (hangs.includes('send')) {
        context.log.info('hanging')
        return never
      }
      await fetch(`${receiver}/message`, { method: 'POST', body: message.key })
      return { status: 'sent' }
    },
  },
  routes: [
    {
      method: 'GET',
      path: '/hang',
      handle(_request, _params, context) {
        context.log.info('hanging')
        return never
      },
    },
    {
      method: 'POST',
      path: '/slow',
      async handle(request, _params, context) {
        const { milliseconds, messageId } = (await request.json()) as { milliseconds: number; messageId: string }
        context.log.info('being slow')
        await new Promise((resolve) => setTimeout(resolve, milliseconds))
        const now = context.clock.now()
        const event = { type: 'track', event: 'did_it', messageId, userId: 'slow', timestamp: now, receivedAt: now, properties: { n: 0 } } as const
        return Response.json(await context.ingest([{ ...event, traits: {}, context: {}, integrations: {}, source: 'courier' }]))
      },
    },
  ],
  start(context) {
    if (!hangs.includes('start')) return
    context.log.info('starting for ever')
    return never
  },
  stop: () => (hangs.includes('stop') ? never : undefined),
}

const database = sqlite(process.env['DRAIN_DB'] ?? ':memory:')

/** After the first event nothing more can be written. */
function withFailingDisk(store: Store): Store {
  let hasFailed = false
  return {
    ...store,
    async transaction(work) {
      if (hasFailed) throw new WaymarkError('STORE_SYNC_FAILED', 'the disk failed to write what it was given', { mend: 'look after the disk' })
      return store.transaction((tx) =>
        work({
          ...tx,
          append(entries) {
            hasFailed = entries.length > 0
            return tx.append(entries)
          },
        }),
      )
    },
  }
}

export default defineWaymark({
  plan,
  segments: [plan.segments('busy', { busy: did('did_it').atLeast(10), idle: otherwise })],
  rules: [plan.rule('five', { when: did('did_it').atLeast(5), send: { channel: 'courier', kind: 'note', content: {} } })],
  plugins: [segment({ writeKeys: { key: 'web' }, sink: { writeKey: 'onward', host: receiver } }), courier],
  store: hangs.includes('disk') ? withFailingDisk(database) : database,
})
