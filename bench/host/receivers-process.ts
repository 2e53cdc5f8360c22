import type { CanonicalEvent, Plugin } from '@waymark/core'
import { createHost, silentLogger } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { answer } from '../child.ts'
import { canonical, definition } from '../workload.ts'

/** What a run with two sinks and a channel came to. */
export interface ReceiversRun {
  /** From when an event was given to the host to when the sink had it, the slowest hundredth, in milliseconds. */
  readonly sinkP99: number
  /** The most memory the process held while the events came in, in bytes. */
  readonly peakBytes: number
}

const PER_SECOND = 1_000
const SECONDS = 20
const WARM_UP = 3
/** What a receiver takes for a batch of up to 100, in milliseconds. */
const QUICK = 10

/** Arguments: the database, and how many times slower than the other the second sink is. */
const [file, slowness] = process.argv.slice(2) as [string, string]

const given = new Map<string, number>()
const latencies: number[] = []
let counts = false

function sink(name: string, milliseconds: number, onDelivered: (events: readonly CanonicalEvent[]) => void): Plugin {
  return {
    name,
    purpose: 'essential',
    sink: {
      async deliver(events) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds))
        onDelivered(events)
        return events.map(() => ({ status: 'delivered' }))
      },
    },
  }
}

const quick = sink('quick', QUICK, (events) => {
  for (const { messageId } of events) {
    const since = given.get(messageId)
    given.delete(messageId)
    if (counts && since !== undefined) latencies.push(performance.now() - since)
  }
})
const other = sink('other', QUICK * Number(slowness), () => {})
const channel: Plugin = {
  name: 'in-app',
  purpose: 'personalization',
  channel: { name: 'in-app', reach: 'inside', concurrency: 50, send: async () => ({ status: 'sent' }) },
}

async function run(): Promise<ReceiversRun> {
  const host = await createHost({ ...definition, store: sqlite(file), plugins: [quick, other, channel] }, { logger: silentLogger })
  let peakBytes = 0
  let sent = 0
  const start = performance.now()
  while (sent < PER_SECOND * SECONDS) {
    const due = Math.min(PER_SECOND * SECONDS, Math.floor(((performance.now() - start) / 1_000) * PER_SECOND))
    counts = performance.now() - start > WARM_UP * 1_000
    const events: CanonicalEvent[] = []
    for (; sent < due; sent += 1) {
      const id = `m${sent}`
      given.set(id, performance.now())
      events.push(canonical('feature_used', id, `user-${sent % 500}`, Date.now(), { feature: 'ABCDEF'[sent % 6] as string, seconds: sent % 300 }))
    }
    if (events.length > 0) await host.ingest(events)
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return { sinkP99: latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? Number.POSITIVE_INFINITY, peakBytes }
}

answer(run)
