import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CanonicalEvent, type Plugin, parseEvent } from '@waymark/core'
import { createHost, type Host, silentLogger, type VirtualClock, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { compared, type Measurement, perSecond } from '../measure.ts'
import { definition, events } from '../workload.ts'
import { WIRES, type Wire } from './wire.ts'

const ROUNDS = 3
/** Events that come in together, and so share a commit. */
const TOGETHER = 1_000

/** Events as lines of canonical NDJSON, by what comes in together. */
type Feed = readonly (readonly string[])[]

const lines = events(20_000, 2_000)
const ofAnyUser = feed((event) => event)

/** As many events a request of as few users: what a vendor's format has to be compared with that knows one user a request. */
function feedOfOneUser(most: number): Feed {
  let userId: string | undefined
  return feed((event, index) => {
    if (index % most === 0) userId = event.userId
    return { ...event, ...(userId === undefined ? {} : { userId }) }
  })
}

function feed(made: (event: CanonicalEvent, index: number) => CanonicalEvent): Feed {
  return Array.from({ length: lines.length / TOGETHER }, (_, chunk) =>
    lines.slice(chunk * TOGETHER, (chunk + 1) * TOGETHER).map((line, index) => JSON.stringify(made(JSON.parse(line) as CanonicalEvent, index))),
  )
}

const feedFor = ({ isOfOneUser, most }: Wire): Feed => (isOfOneUser === true ? feedOfOneUser(most) : ofAnyUser)
const ends = ofAnyUser.map((chunk) => (JSON.parse(chunk.at(-1) as string) as CanonicalEvent).timestamp)

const ingest: Measurement = {
  rows: Object.keys(WIRES).map((vendor) => ({
    name: `adapters.${vendor}`,
    compares: `events in ${vendor}'s wire format, by the plugin's route into the pipeline on SQLite / the same events, as many a call, as canonical NDJSON`,
    target: { atLeast: 0.6 },
  })),
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'))
    const contenders = Object.entries(WIRES).flatMap(([vendor, wire]) => {
      const feed = feedFor(wire)
      return [
        [`canonical for ${vendor}`, canonically(feed, wire.most, folder)],
        [vendor, byRoute(wire, feed, folder)],
      ] as const
    })
    try {
      const speed = await perSecond(ROUNDS, lines.length, Object.fromEntries(contenders))
      return Object.keys(WIRES).map((vendor) => compared(`adapters.${vendor}`, speed[vendor] as number, speed[`canonical for ${vendor}`] as number))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

export const adapters: readonly Measurement[] = [ingest]

/** The baseline: the same events, as many a call, parsed and judged by the plan as those that come by a route. */
function canonically(feed: Feed, most: number, folder: string): () => Promise<void> {
  const batches = feed.map((chunk) => inParts(chunk, most))
  return () =>
    withHost(folder, [], async (host, chunk) => {
      const receivedAt = ends[chunk] as number
      const parse = (line: string): readonly CanonicalEvent[] => {
        const parsed = parseEvent(JSON.parse(line), { source: 'bench', receivedAt })
        return parsed.ok ? [parsed.value] : []
      }
      await Promise.all((batches[chunk] as readonly (readonly string[])[]).map((batch) => host.ingest(batch.flatMap(parse))))
    })
}

/** The bodies are made beforehand: what is measured is reading them. */
function byRoute(wire: Wire, feed: Feed, folder: string): () => Promise<void> {
  const bodies = feed.map((chunk) => inParts(chunk, wire.most).map((part) => JSON.stringify(wire.body(part.map((line) => JSON.parse(line) as CanonicalEvent)))))
  const post = async (host: Host, body: string): Promise<void> => {
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...wire.headers }
    const response = await host.fetch(new Request(`http://bench${wire.path}`, { method: 'POST', headers, body }))
    if (!response.ok) throw new Error(`${wire.path}: ${response.status} ${await response.text()}`)
  }
  return () =>
    withHost(folder, [wire.plugin], async (host, chunk) => {
      await Promise.all((bodies[chunk] as readonly string[]).map((body) => post(host, body)))
    })
}

function inParts(chunk: readonly string[], most: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(chunk.length / most) }, (_, index) => chunk.slice(index * most, (index + 1) * most))
}

let files = 0

/** Has a new host take all chunks in, on a clock that goes with the events. Fails when not every event was accepted. */
async function withHost(folder: string, plugins: readonly Plugin[], take: (host: Host, chunk: number) => Promise<void>): Promise<void> {
  files += 1
  const clock: VirtualClock = virtualClock(0)
  let accepted = 0
  const host = await createHost(
    { ...definition, store: sqlite(join(folder, `${files}.db`)), plugins: [channel, ...plugins] },
    {
      logger: silentLogger,
      effects: { clock },
      onCommit({ outcomes }) {
        accepted += outcomes.filter((outcome) => outcome?.status === 'accepted').length
      },
    },
  )
  for (const [chunk, end] of ends.entries()) {
    clock.jumpTo(end)
    await take(host, chunk)
    await clock.moveTo(end)
  }
  await host.close()
  if (accepted < lines.length) throw new Error(`only ${accepted} of ${lines.length} events were accepted`)
}

/** Takes the messages of the workload's rules. */
const channel: Plugin = {
  name: 'in-app',
  purpose: 'personalization',
  channel: { name: 'in-app', reach: 'inside', concurrency: 50, send: async () => ({ status: 'sent' }) },
}
