/**
 * Kills a host `--kills` times (default 1,000) in the middle of its work and checks, from the ledgers of those who sent and those who
 * received, that nothing was lost or doubled. Ends with exit code 1 when something was. `--seed` repeats the dice, not the machine's timing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chaos } from '../test/crash/chaos.ts'

const { values } = parseArgs({ options: { kills: { type: 'string', default: '1000' }, seed: { type: 'string' } } })
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const folder = mkdtempSync(join(tmpdir(), 'waymark-chaos-'))
try {
  const report = await chaos({
    folder,
    kills: Number(values.kills),
    seed,
    onKill: (killed, acknowledged) => {
      if (killed % 50 === 0) console.error(`${killed} kills, ${acknowledged} events acknowledged`)
    },
  })
  console.log(JSON.stringify({ seed, ...report }, null, 2))
  const { lost, invented, missing, unasked, doubledPlain } = report
  if (lost.length + invented.length + missing.length + unasked.length + doubledPlain > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
