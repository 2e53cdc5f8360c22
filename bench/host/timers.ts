import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../child.ts'
import { compared, type Measurement } from '../measure.ts'
import type { TimersRun } from './timers-process.ts'

const LATEST = 1_000
/** What `timers.drainPerSecond` is where nothing else is said. */
const DRAIN_PER_SECOND = 4_000

export const timers: Measurement = {
  rows: [
    {
      name: 'host.timers_late_p99_ms',
      compares: 'from a moment to the disk, the slowest hundredth, at a million timers pending, 2,000 of them due a second and 200 events/s / one second',
      target: { atMost: 1 },
    },
    {
      name: 'host.timers_drain',
      compares: 'timers done a second after an outage that left a million overdue / what the policy lets through; 4,000 a second is a million in four minutes',
      target: { atLeast: 0.8 },
    },
    {
      name: 'host.timers_drain_ingest_p99',
      compares: 'answer to a single event, the slowest hundredth, while that backlog is drained / the same while timers ring in time',
      target: { atMost: 2 },
    },
  ],
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'))
    const child = startChild<TimersRun>(`${import.meta.dirname}/timers-process.ts`, [join(folder, 'host.db')])
    try {
      const inTime = await child.ask('in time')
      const outage = await child.ask('outage')
      return [
        compared('host.timers_late_p99_ms', inTime.lateP99, LATEST, 'ms'),
        compared('host.timers_drain', outage.rang / outage.seconds, DRAIN_PER_SECOND, 'timers/s'),
        compared('host.timers_drain_ingest_p99', outage.ingestP99, inTime.ingestP99, 'ms'),
      ]
    } finally {
      child.end()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
