import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CanonicalEvent, type Plugin, parseEvent } from '@waymark/core'
import { createHost, silentLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { compared, type Measurement, perSecond, type Row } from './measure.ts'
import { definition, events } from './workload.ts'

const BATCH = 1_000

export const host: readonly Measurement[] = [
  {
    rows: [
      {
        name: 'host.pipeline_vs_json_parse',
        compares:
          'parse, validate, dedup, identity, 20 conditions, ledger, outbox, SQLite with `synchronous=FULL`, 1,000 events a commit / bare `JSON.parse` of the same bytes',
        target: { atLeast: 0.25 },
      },
    ],
    run: pipeline,
  },
]

/** Each round has a host and a file of its own. */
async function pipeline(): Promise<readonly Row[]> {
  const lines = events(50_000, 2_000)
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'))
  let round = 0
  try {
    const speed = await perSecond(3, lines.length, {
      parse() {
        let bytes = 0
        for (const line of lines) bytes += (JSON.parse(line) as CanonicalEvent).timestamp
        return bytes
      },
      async pipeline() {
        round += 1
        // The clock goes with the events: they are as fresh as live ones, and timers ring among them.
        const clock = virtualClock(0)
        const running = await createHost(
          { ...definition, store: sqlite(join(folder, `${round}.db`)), plugins: [sink] },
          { logger: silentLogger, effects: { clock } },
        )
        for (let from = 0; from < lines.length; from += BATCH) {
          const batch = lines.slice(from, from + BATCH).flatMap((line) => {
            const parsed = parseEvent(JSON.parse(line), { source: 'bench', receivedAt: Number.MAX_SAFE_INTEGER })
            return parsed.ok ? [{ ...parsed.value, receivedAt: parsed.value.timestamp }] : []
          })
          clock.jumpTo(batch.at(-1)?.timestamp ?? 0)
          await running.ingest(batch)
          await clock.moveTo(clock.now())
        }
        await running.close()
      },
    })
    return [compared('host.pipeline_vs_json_parse', speed['pipeline'] as number, speed['parse'] as number)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Takes the in-app messages of the workload's rules, so that the outbox is written and emptied as in earnest. */
const sink: Plugin = {
  name: 'in-app',
  purpose: 'personalization',
  channel: { name: 'in-app', reach: 'inside', send: async () => ({ status: 'sent' }) },
}
