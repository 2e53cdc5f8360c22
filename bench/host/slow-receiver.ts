import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../child.ts'
import { compared, type Measurement, median } from '../measure.ts'
import type { ReceiversRun } from './receivers-process.ts'

const ROUNDS = 3
const MEGABYTE = 1024 * 1024
/** What one slow receiver may cost in memory. */
const ALLOWED = 64 * MEGABYTE

export const slowReceiver: Measurement = {
  rows: [
    {
      name: 'host.slow_receiver_others_p99',
      compares:
        'time to a sink, the slowest hundredth, at 1,000 events/s beside a second sink that takes 100 times as long for the whole run / beside one as quick',
      target: { atMost: 1.1 },
    },
    {
      name: 'host.slow_receiver_memory',
      compares: 'the most memory the process held beside the slow sink / the same beside the quick one, and 64 MB',
      target: { atMost: 1 },
    },
  ],
  async run() {
    const slow: ReceiversRun[] = []
    const quick: ReceiversRun[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      quick.push(await once(1))
      slow.push(await once(100))
    }
    const middle = (runs: readonly ReceiversRun[], of: keyof ReceiversRun) => median(runs.map((run) => run[of]))
    return [
      compared('host.slow_receiver_others_p99', middle(slow, 'sinkP99'), middle(quick, 'sinkP99'), 'ms'),
      compared('host.slow_receiver_memory', middle(slow, 'peakBytes') / MEGABYTE, (middle(quick, 'peakBytes') + ALLOWED) / MEGABYTE, 'MB'),
    ]
  },
}

async function once(slowness: number): Promise<ReceiversRun> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'))
  const child = startChild<ReceiversRun>(`${import.meta.dirname}/receivers-process.ts`, [join(folder, 'host.db'), String(slowness)])
  try {
    return await child.ask('run')
  } finally {
    child.end()
    rmSync(folder, { recursive: true, force: true })
  }
}
