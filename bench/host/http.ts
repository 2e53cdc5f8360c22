import type { CanonicalEvent } from '@waymark/core'
import autocannon from 'autocannon'
import { compared, type Measurement, median, type Row } from '../measure.ts'
import { events } from '../workload.ts'
import { pipelineSpeed } from './pipeline.ts'
import { type Server, startServer } from './server.ts'

/** Rounds that count, and how long a contender runs in each, in seconds. */
const ROUNDS = 3
const SECONDS = 4
const BATCH = 100

export const http: Measurement = {
  rows: [
    {
      name: 'host.http_batch_vs_pipeline',
      compares: 'events in batches of 100 as the Segment SDK posts them, over 8 connections, host and sender each a process / the pipeline without HTTP',
      target: { atLeast: 0.5 },
    },
    {
      name: 'host.http_single_vs_bare',
      compares: 'POST of one event, answered when it is on disk, over 64 connections / the same requests to a bare `node:http` server that answers 200',
      target: { atLeast: 0.5 },
    },
  ],
  async run() {
    const [host, bare] = await Promise.all([startServer('workload'), startServer('bare')])
    try {
      const single: number[] = []
      const nothing: number[] = []
      const batches: number[] = []
      // The first round warms up.
      for (let round = 0; round <= ROUNDS; round += 1) {
        const speeds = [await requestsPerSecond(bare, '/v1/track', 64, singles), await requestsPerSecond(host, '/v1/track', 64, singles)]
        const batch = await requestsPerSecond(host, '/v1/batch', 8, batched)
        if (round === 0) continue
        nothing.push(speeds[0] as number)
        single.push(speeds[1] as number)
        batches.push(batch * BATCH)
      }
      const rows: Row[] = [
        compared('host.http_batch_vs_pipeline', median(batches), await pipelineSpeed()),
        compared('host.http_single_vs_bare', median(single), median(nothing), 'requests/s'),
      ]
      return rows
    } finally {
      host.end()
      bare.end()
    }
  },
}

async function requestsPerSecond(server: Server, path: string, connections: number, body: () => string): Promise<number> {
  const result = await autocannon({
    url: server.url + path,
    connections,
    duration: SECONDS,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${Buffer.from('bench:').toString('base64')}` },
    requests: [{ setupRequest: (request) => ({ ...request, body: body() }) }],
  })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${path}: ${result.non2xx} refused, ${result.errors} failed`)
  return result['2xx'] / result.duration
}

const lines = events(50_000, 2_000).map((line) => JSON.parse(line) as CanonicalEvent)
let taken = 0

/** The next event of the workload as the SDK sends it: with an id of its own, now. */
function wire(): object {
  const { type, event, userId, properties, context } = lines[taken % lines.length] as CanonicalEvent
  taken += 1
  return { type, event, userId, properties, context, messageId: `bench-${process.pid}-${taken}`, timestamp: new Date().toISOString() }
}

function singles(): string {
  return JSON.stringify(wire())
}

function batched(): string {
  return JSON.stringify({ batch: Array.from({ length: BATCH }, wire), sentAt: new Date().toISOString() })
}
