import type { Fault } from '../vendors/fault.ts'

/**
 * Where a plugin under test sends what it sends, as the contract suites see it: a fake of `@waymark/testkit/vendors`, or whatever
 * else keeps what it gets and can be told to fail.
 */
export interface Receiver {
  /** What it keeps. Without copies where it knows copies. */
  readonly stored: readonly unknown[]
  /** What happens to the next requests, one each. */
  next(...faults: readonly Fault[]): void
  /** From now on nobody is there. */
  stop(): Promise<void>
  /** Whether it drops the second of two copies. Default true; of what may have arrived at one that does not, a sink may give up instead of sending it again. */
  readonly dedups?: boolean
  /** The faults it can play. Default: all. Tests of others are left out. */
  readonly plays?: readonly Fault['kind'][]
}
