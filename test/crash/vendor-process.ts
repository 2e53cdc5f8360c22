import { createInterface } from 'node:readline'
import { type CanonicalEvent, type Clock, definePlan, defineWaymark, type Plugin } from '@waymark/core'
import { createHost, silentLogger, systemClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'
import { BUSY, TIMES } from './export.ts'

/**
 * A host that is started as a process of its own, and killed while a vendor is its source, sink and eraser. Arguments: the database, where the
 * vendor listens, and by how many milliseconds its clock is ahead. Says `started`; for each line `user` on stdin it says `erased <user> <newest
 * log entry>` when that is to be forgotten.
 */
const [file, url, ahead] = process.argv.slice(2) as [string, string, string]

async function post(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body), signal })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}

const vendor: Plugin = {
  name: 'vendor',
  purpose: 'essential',
  sources: [
    {
      name: 'export',
      every: 20,
      async *pull(cursor, { signal }) {
        for (let page = Number(cursor ?? 0); ; page += 1) {
          const events = (await post('/export', page, signal)) as readonly CanonicalEvent[] | null
          if (events === null) return
          yield { events, cursor: page + 1, progress: `page ${page + 1}` }
        }
      },
    },
  ],
  eraser: {
    async erase({ profile }, { signal }) {
      await post('/forget', profile, signal)
      return { status: 'requested', reference: profile, checkAfterMs: 20 }
    },
    async check(reference, { signal }) {
      const { isDone } = (await post('/forgotten', reference, signal)) as { readonly isDone: boolean }
      return isDone ? { status: 'confirmed' } : { status: 'requested', reference, checkAfterMs: 20 }
    },
  },
}

/** By another name, since a vendor is not given back what came from it. */
const listener: Plugin = {
  name: 'listener',
  purpose: 'essential',
  sink: {
    learned: ['memberships', 'decisions'],
    async deliver(events, { signal }) {
      await post('/events', events, signal)
      return events.map(() => ({ status: 'delivered' }))
    },
  },
}

const note: Plugin = { name: 'note', purpose: 'essential', channel: { name: 'note', reach: 'inside', send: async () => ({ status: 'sent' }) } }

const plan = definePlan({ events: { did_it: z.object({}) }, traits: z.object({}) })
const { did, otherwise } = plan.behaviour

function clockAhead(by: number): Clock {
  const clock = systemClock()
  return { now: () => clock.now() + by, at: (time, run) => clock.at(time - by, run) }
}

let upTo = 0
const host = await createHost(
  defineWaymark({
    plan,
    segments: [plan.segments('activity', { busy: did('did_it').atLeast(BUSY), idle: otherwise })],
    rules: TIMES.map((times) => plan.rule(`times-${times}`, { when: did('did_it').atLeast(times), send: { channel: 'note', kind: 'note', content: {} } })),
    plugins: [vendor, listener, note],
    store: sqlite(file),
  }),
  {
    logger: silentLogger,
    effects: { clock: clockAhead(Number(ahead)) },
    onCommit(committed) {
      upTo = Math.max(upTo, committed.upTo)
    },
  },
)
upTo = Math.max(upTo, await host.config.store.lastSeq())
console.log('started')
for await (const user of createInterface({ input: process.stdin })) {
  await host.erase(user)
  console.log(`erased ${user} ${upTo}`)
}
await host.close()
