import type { EventLoop } from './event-loop.ts'
import type { Faults } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { MachineClock } from './machine-clock.ts'
import type { Random } from './random.ts'
import type { Trace } from './trace.ts'

/** What everything in a simulated world shares. */
export interface World {
  readonly loop: EventLoop
  /** Of the machine the host runs on. */
  readonly clock: MachineClock
  readonly faults: Faults
  readonly trace: Trace
  readonly ledger: Ledger
  /** A stream of its own for each name. */
  random(name: string): Random
}
