import { type IngestOutcome, WaymarkError } from '@waymark/core'
import type { Effects } from './effects.ts'
import type { Joined } from './joined.ts'
import type { Committed, Work } from './pipeline.ts'
import { weightOf } from './weight.ts'

interface Waiting {
  readonly works: readonly Work[]
  /** In bytes, about. */
  readonly weight: number
  readonly resolve: (outcomes: readonly (IngestOutcome | undefined)[]) => void
  readonly reject: (error: unknown) => void
}

/** A change of who is who rests on what was decided before it: nothing else is in its commit. */
function isAlone({ works }: Waiting): boolean {
  return works.some(({ kind }) => kind === 'identity')
}

export interface Committer {
  /** Resolves when all of it is on disk. Rejects with `BUSY` when too much is waiting already, and when the commit failed. */
  add(works: readonly Work[]): Promise<readonly (IngestOutcome | undefined)[]>
  /** Something small that goes with the next commit, whatever else waits, and its works with it. Resolves when it is on disk, rejects when it could not be written. */
  join(write: Joined, works?: readonly Work[]): Promise<void>
  /** Resolves when nothing is waiting. */
  idle(): Promise<void>
  /** Works that wait for a commit, those of the one being written left out. */
  readonly waiting: number
  /** What they take in memory, about, in bytes. */
  readonly waitingBytes: number
  /** How much of what may wait is waiting, by number or by bytes: from 0 to 1. */
  readonly load: number
}

/** Most works in one commit, and most that may wait for one: by number, and by what they take in memory, in bytes. */
const COMMIT_SIZE = 1_000
const COMMIT_BYTES = 16 * 1024 * 1024
const MOST_WAITING = 20_000
const MOST_BYTES = 64 * 1024 * 1024

/**
 * Group commit: while one commit is being written the next gathers, so that many small requests share one fsync.
 * `commit` writes a batch durably; `publish` makes it known and does not throw.
 */
export function createCommitter(
  commit: (works: readonly Work[]) => Promise<Committed>,
  publish: (committed: Committed) => void,
  turn: Effects['turn'],
): Committer {
  const waiting: Waiting[] = []
  const joining: Waiting[] = []
  let count = 0
  let bytes = 0
  let running: Promise<void> | undefined

  async function write(batch: readonly Waiting[]): Promise<void> {
    let committed: Committed
    try {
      committed = await commit(batch.flatMap(({ works }) => works))
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error)
      // One that cannot be written must not keep the others from it.
      else for (const one of batch) await write([one])
      return
    }
    publish(committed)
    let from = 0
    for (const { works, resolve } of batch) {
      resolve(committed.outcomes.slice(from, from + works.length))
      from += works.length
    }
  }

  async function run(): Promise<void> {
    // A turn of the event loop lets requests that arrived together share the first commit.
    await turn()
    while (waiting.length > 0 || joining.length > 0) {
      const batch: Waiting[] = []
      let size = 0
      let weight = 0
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        const fits = size + next.works.length <= COMMIT_SIZE && weight + next.weight <= COMMIT_BYTES && !isAlone(next)
        if (size > 0 && !fits) break
        waiting.shift()
        batch.push(next)
        size += next.works.length
        weight += next.weight
        if (isAlone(next)) break
      }
      count -= size
      bytes -= weight
      batch.push(...joining.splice(0))
      await write(batch)
    }
    running = undefined
  }

  async function inParts(works: readonly Work[]): Promise<readonly (IngestOutcome | undefined)[]> {
    const outcomes: (IngestOutcome | undefined)[] = []
    for (let from = 0; from < works.length; from += COMMIT_SIZE) outcomes.push(...(await committer.add(works.slice(from, from + COMMIT_SIZE))))
    return outcomes
  }

  const committer: Committer = {
    add(works) {
      if (works.length === 0) return Promise.resolve([])
      // One commit has a bound, so that recovery can read it whole.
      if (works.length > COMMIT_SIZE) return inParts(works)
      const weight = works.reduce((sum, work) => sum + weightOf(work, MOST_BYTES), 0)
      if (count > 0 && (count + works.length > MOST_WAITING || bytes + weight > MOST_BYTES)) {
        return Promise.reject(new WaymarkError('BUSY', 'too many events are waiting to be written', { mend: 'send them again in a moment' }))
      }
      return new Promise((resolve, reject) => {
        waiting.push({ works, weight, resolve, reject })
        count += works.length
        bytes += weight
        running ??= run()
      })
    },
    join(write, works = []) {
      return new Promise((resolve, reject) => {
        joining.push({ works: [...works, { kind: 'joined', write }], weight: 0, resolve: () => resolve(), reject })
        running ??= run()
      })
    },
    async idle() {
      while (running !== undefined) await running
    },
    get waiting() {
      return count
    },
    get waitingBytes() {
      return bytes
    },
    get load() {
      return Math.max(count / MOST_WAITING, bytes / MOST_BYTES)
    },
  }
  return committer
}
