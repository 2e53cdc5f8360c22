import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CanonicalEvent, type Plugin, parseEvent, type Store } from '@waymark/core'
import { createHost, type HostOptions, silentLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { compared, type Measurement, perSecond } from '../measure.ts'
import { definition, events } from '../workload.ts'
import { bareInserts } from './bare-inserts.ts'

const ROUNDS = 3
const BATCH = 1_000
const lines = events(50_000, 2_000)

export const pipeline: Measurement = {
  rows: [
    {
      name: 'host.pipeline_vs_json_parse',
      compares:
        'parse, validate, dedup, identity, 20 conditions, ledger, outbox, SQLite with `synchronous=FULL`, 1,000 events a commit / bare `JSON.parse` of the same bytes',
      target: { atLeast: 0.25 },
    },
    {
      name: 'host.bare_inserts_vs_json_parse',
      compares: 'parse, and the rows of log and claims in SQLite with `synchronous=FULL`, 1,000 events a commit, and nothing else / bare `JSON.parse`',
    },
  ],
  run: () =>
    inFolder(async (folder) => {
      const speed = await perSecond(ROUNDS, lines.length, {
        parse,
        pipeline: () => run(sqlite(fileIn(folder))),
        bare: () => bareInserts(fileIn(folder), lines, BATCH),
      })
      const parsed = speed['parse'] as number
      return [
        compared('host.pipeline_vs_json_parse', speed['pipeline'] as number, parsed),
        compared('host.bare_inserts_vs_json_parse', speed['bare'] as number, parsed),
      ]
    }),
}

/** Events a second through the pipeline. */
export async function pipelineSpeed(): Promise<number> {
  return inFolder(async (folder) => (await perSecond(ROUNDS, lines.length, { pipeline: () => run(sqlite(fileIn(folder))) }))['pipeline'] as number)
}

/** What it costs to be watched. */
export const metrics: Measurement = {
  rows: [
    {
      name: 'host.metrics_vs_none',
      compares: 'the pipeline, counting what `/metrics` shows / the same counting nothing',
      target: { atLeast: 0.95 },
    },
  ],
  run: () =>
    inFolder(async (folder) => {
      const speed = await perSecond(ROUNDS, lines.length, {
        counting: () => run(sqlite(fileIn(folder))),
        none: () => run(sqlite(fileIn(folder)), { metrics: false }),
      })
      return [compared('host.metrics_vs_none', speed['counting'] as number, speed['none'] as number)]
    }),
}

/** Events a second through the pipeline on each of two stores; `makeStore` gives a new, empty one each time. */
export async function pipelineSpeeds(makeStore: () => Promise<Store>): Promise<{ readonly sqlite: number; readonly other: number }> {
  return inFolder(async (folder) => {
    const speed = await perSecond(ROUNDS, lines.length, { sqlite: () => run(sqlite(fileIn(folder))), other: async () => run(await makeStore()) })
    return { sqlite: speed['sqlite'] as number, other: speed['other'] as number }
  })
}

function parse(): number {
  let sum = 0
  for (const line of lines) sum += (JSON.parse(line) as CanonicalEvent).timestamp
  return sum
}

async function run(store: Store, options: Pick<HostOptions, 'metrics'> = {}): Promise<void> {
  // The clock goes with the events: they are as fresh as live ones, and timers ring among them.
  const clock = virtualClock(0)
  const host = await createHost({ ...definition, store, plugins: [channel] }, { logger: silentLogger, effects: { clock }, ...options })
  for (let from = 0; from < lines.length; from += BATCH) {
    const batch = lines.slice(from, from + BATCH).flatMap((line) => {
      const parsed = parseEvent(JSON.parse(line), { source: 'bench', receivedAt: Number.MAX_SAFE_INTEGER })
      return parsed.ok ? [{ ...parsed.value, receivedAt: parsed.value.timestamp }] : []
    })
    clock.jumpTo(batch.at(-1)?.timestamp ?? 0)
    await host.ingest(batch)
    await clock.moveTo(clock.now())
  }
  await host.close()
}

/** Takes the in-app messages of the workload's rules, so that the outbox is written and emptied as in earnest. */
const channel: Plugin = {
  name: 'in-app',
  purpose: 'personalization',
  channel: { name: 'in-app', reach: 'inside', concurrency: 50, send: async () => ({ status: 'sent' }) },
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

let files = 0

/** Each round has a file of its own. */
function fileIn(folder: string): string {
  files += 1
  return join(folder, `${files}.db`)
}
