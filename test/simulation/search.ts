import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Simulation } from '@waymark/testkit/simulation'
import { inParallel } from '../../scripts/run.ts'
import { PLANTED, type Planted } from './planted.ts'

/** What came of one world. */
export interface Found extends Pick<Simulation, 'seed' | 'hash' | 'violations'> {
  readonly counts: Omit<Simulation['counts'], 'faults'> & { readonly faults: number }
}

/** Most seeds a process takes at a time, so that one hears of how far it is, and all processes end about together. */
const AT_A_TIME = 250

/** The worlds of `count` seeds from `from` on, in as many processes as there are processors. */
export async function searchSeeds(from: number, count: number, onFound: (found: Found) => void): Promise<void> {
  const size = Math.min(AT_A_TIME, Math.ceil(count / availableParallelism() / 2))
  const starts = Array.from({ length: Math.ceil(count / size) }, (_, part) => part * size)
  await inParallel(availableParallelism(), starts, (start) => run([from + start, Math.min(size, count - start)], onFound))
}

/** The first world in which each of the planted faults is found, from seed `from` on; undefined where `most` worlds did not do. */
export async function searchPlanted(
  all: readonly Planted[],
  from: number,
  most: number,
  onEnd: (planted: Planted, found: Found | undefined) => void,
): Promise<void> {
  await inParallel(availableParallelism(), all, async (planted) => {
    let last: Found | undefined
    await run([from, most, PLANTED.indexOf(planted)], (found) => {
      last = found
    })
    onEnd(planted, last?.violations.length === 0 ? undefined : last)
  })
}

async function run(values: readonly number[], onFound: (found: Found) => void): Promise<void> {
  const file = join(import.meta.dirname, 'search-process.ts')
  const child = spawn(process.execPath, ['--conditions=@waymark/source', file, ...values.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve))
  for await (const line of createInterface({ input: child.stdout })) onFound(JSON.parse(line) as Found)
  const code = await ended
  if (code !== 0) throw new Error(`the process for ${values.join(' ')} ended with ${code}`)
}
