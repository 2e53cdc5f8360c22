import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../child.ts'
import { compared, type Measurement } from '../measure.ts'
import type { Built, Compacted, Recovered } from './large-log-process.ts'

const LONGEST = 5_000

export const largeLog: Measurement = {
  rows: [
    {
      name: 'host.recovery_1gb_ms',
      compares: 'from the start of a host on 1 GB of log, of which no checkpoint includes the last 20,000 entries, to when it is ready / five seconds',
      target: { atMost: 1 },
    },
    {
      name: 'host.compaction_events_left',
      compares:
        'events left of that log, half a year of people who sign up and then come for a few minutes now and then, with `retention.log.age` of 30 days / all of them',
    },
  ],
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'))
    const file = join(folder, 'host.db')
    const ask = async <Answer>(question: string): Promise<Answer> => {
      const child = startChild<Answer>(`${import.meta.dirname}/large-log-process.ts`, [file])
      try {
        return await child.ask(question)
      } finally {
        child.end()
      }
    }
    try {
      const { events } = await ask<Built>('build')
      console.error(`  a file of ${(statSync(file).size / 1e9).toFixed(2)} GB, ${events.toLocaleString('en')} events`)
      const { milliseconds } = await ask<Recovered>('recover')
      const { dropped } = await ask<Compacted>('compact')
      return [compared('host.recovery_1gb_ms', milliseconds, LONGEST, 'ms'), compared('host.compaction_events_left', events - dropped, events, 'events')]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
