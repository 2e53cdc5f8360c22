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

const lines = events(20_000, 2_000)
const chunks = Array.from({ length: lines.length / TOGETHER }, (_, index) => lines.slice(index * TOGETHER, (index + 1) * TOGETHER))
const ends = chunks.map((chunk) => (JSON.parse(chunk.at(-1) as string) as CanonicalEvent).timestamp)

const ingest: Measurement = {
  rows: Object.keys(WIRES).map((vendor) => ({
    name: `adapters.${vendor}`,
    compares: `events in ${vendor}'s wire format, by the plugin's route into the pipeline on SQLite / the same events as canonical NDJSON`,
    target: { atLeast: 0.6 },
  })),
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'))
    const contenders = Object.fromEntries(Object.entries(WIRES).map(([vendor, wire]) => [vendor, byRoute(wire, folder)]))
    try {
      const speed = await perSecond(ROUNDS, lines.length, { canonical: () => withHost(folder, [], canonical), ...contenders })
      return Object.keys(WIRES).map((vendor) => compared(`adapters.${vendor}`, speed[vendor] as number, speed['canonical'] as number))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

export const adapters: readonly Measurement[] = [ingest]

async function canonical(host: Host, chunk: number): Promise<void> {
  const batch = (chunks[chunk] as readonly string[]).flatMap((line) => {
    const parsed = parseEvent(JSON.parse(line), { source: 'bench', receivedAt: ends[chunk] as number })
    return parsed.ok ? [parsed.value] : []
  })
  await host.ingest(batch)
}

/** The bodies are made beforehand: what is measured is reading them. */
function byRoute(wire: Wire, folder: string): () => Promise<void> {
  const bodies = chunks.map((chunk) => {
    const all = chunk.map((line) => JSON.parse(line) as CanonicalEvent)
    return Array.from({ length: Math.ceil(all.length / wire.most) }, (_, index) =>
      JSON.stringify(wire.body(all.slice(index * wire.most, (index + 1) * wire.most))),
    )
  })
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
