import { randomUUID } from 'node:crypto'
import type { Clock } from '@waymark/core'
import { systemClock } from './clock.ts'

/** Everything the host takes from outside that is not the same twice: replace it, and a run can be repeated. */
export interface Effects {
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly id: () => string
  /** Resolves a turn of the event loop later, when what arrived together has been taken in. */
  readonly turn: () => Promise<void>
}

export function realEffects(): Effects {
  return { clock: systemClock(), random: Math.random, id: randomUUID, turn: () => new Promise((resolve) => setImmediate(resolve)) }
}
