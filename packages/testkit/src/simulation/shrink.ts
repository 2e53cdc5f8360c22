import { FAULTS, type FaultKind } from './faults.ts'
import { type Simulation, type SimulationOptions, simulate } from './simulate.ts'

/** A world in which the same promise is broken with less going on. */
export interface Shrunk {
  readonly simulation: Simulation
  /** Give it to `simulate` with the same seed to have this world again. */
  readonly without: { readonly faults: readonly FaultKind[]; readonly acts: ReadonlySet<number> }
}

/** Worlds tried at most. */
const MOST = 400

/** Leaves out faults and acts of people, first many at once and then one by one, for as long as the first promise broken in `failed` is broken still. */
export async function shrink(options: SimulationOptions, failed: Simulation): Promise<Shrunk> {
  const check = failed.violations[0]?.check
  let best: Shrunk = { simulation: failed, without: { faults: [...(options.without?.faults ?? [])], acts: new Set(options.without?.acts) } }
  let tried = 0

  /** Keeps what is without these as well, if the promise is still broken. */
  async function leaveOut(faults: readonly FaultKind[], acts: readonly number[]): Promise<boolean> {
    if (tried >= MOST || faults.length + acts.length === 0) return false
    tried += 1
    const without = { faults: [...best.without.faults, ...faults], acts: new Set([...best.without.acts, ...acts]) }
    const simulation = await simulate({ ...options, without })
    if (!simulation.violations.some((violation) => violation.check === check)) return false
    best = { simulation, without }
    return true
  }

  async function leaveOutSome<T>(items: readonly T[], attempt: (some: readonly T[]) => Promise<boolean>): Promise<void> {
    for (let size = items.length, left = items; size >= 1; size = Math.floor(size / 2)) {
      const kept: T[] = []
      for (let from = 0; from < left.length; from += size) {
        const some = left.slice(from, from + size)
        if (!(await attempt(some))) kept.push(...some)
      }
      left = kept
    }
  }

  for (let before = -1; before !== best.without.faults.length + best.without.acts.size && tried < MOST; ) {
    before = best.without.faults.length + best.without.acts.size
    const faults = FAULTS.filter((kind) => !best.without.faults.includes(kind))
    await leaveOutSome(faults, (some) => leaveOut(some, []))
    const acts = Array.from({ length: failed.counts.acts }, (_, index) => index).filter((index) => !best.without.acts.has(index))
    await leaveOutSome(acts, (some) => leaveOut([], some))
  }
  return best
}
