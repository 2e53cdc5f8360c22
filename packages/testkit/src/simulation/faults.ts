import { type Random, randomOf } from './random.ts'
import type { Trace } from './trace.ts'

const NETWORK = ['request lost', 'answer lost', 'request twice', 'request late', 'request torn'] as const
const STORE = ['read failed', 'statement failed', 'commit failed', 'commit unknown'] as const
const CRASHES = ['crash in transaction', 'crash before commit', 'crash after commit', 'crash before send', 'crash after send'] as const
const ANSWERS = ['late', 'silent', 'retry', 'retry-after', 'rejected', 'unknown', 'threw', 'garbage'] as const
const DELIVERIES = ['late', 'silent', 'retry', 'retry-after', 'rejected', 'torn', 'threw', 'garbage'] as const
const PULLS = ['late', 'threw', 'again'] as const

export type FaultKind =
  | (typeof NETWORK)[number]
  | (typeof STORE)[number]
  | (typeof CRASHES)[number]
  | `send ${(typeof ANSWERS)[number]}`
  | `delivery ${(typeof DELIVERIES)[number]}`
  | `pull ${(typeof PULLS)[number]}`
  /** Planned for a moment, and not by operation. */
  | 'process killed'
  | 'clock jumped'

export const SEND_FAULTS: readonly `send ${(typeof ANSWERS)[number]}`[] = ANSWERS.map((answer) => `send ${answer}` as const)
export const DELIVERY_FAULTS: readonly `delivery ${(typeof DELIVERIES)[number]}`[] = DELIVERIES.map((answer) => `delivery ${answer}` as const)
/** Every way in which a simulated world goes wrong. */
export const FAULTS: readonly FaultKind[] = [
  ...([...NETWORK, ...STORE, ...CRASHES, ...SEND_FAULTS, ...DELIVERY_FAULTS, 'process killed', 'clock jumped'] as const),
  ...PULLS.map((fault) => `pull ${fault}` as const),
]

export interface Faults {
  /** Whether this operation goes wrong in this way. */
  strike(kind: FaultKind): boolean
  /** Whether it happens at all in this world. */
  has(kind: FaultKind): boolean
  /** From now on everything works. */
  stop(): void
  readonly counts: ReadonlyMap<FaultKind, number>
}

/** Of operations, for each kind of fault. */
const LEAST = 0.01
const MOST = 0.1
/** A world in which everything goes wrong hides what one thing alone does: each has some of the kinds only. */
const SHARE = 0.7
/** Where there are many operations, so that what consists of them still comes to an end; a crash costs a recovery besides. */
const SHARES: Partial<Record<FaultKind, number>> = {
  'read failed': 0.2,
  'statement failed': 0.1,
  'crash in transaction': 0.015,
  'crash before commit': 0.08,
  'crash after commit': 0.08,
  'crash before send': 0.3,
  'crash after send': 0.3,
}

/** Draws which kinds of fault there are and how often, from `least` to `most` of all operations; `without` names some that there are not. */
export function createFaults(seed: number, trace: Trace, without: ReadonlySet<FaultKind>): Faults {
  const draw = randomOf(seed, 'faults')
  const rate = LEAST + draw.next() * (MOST - LEAST)
  const drawn = FAULTS.map((kind) => ({ kind, isThere: draw.chance(SHARE) }))
  const streams = new Map<FaultKind, Random>()
  for (const { kind, isThere } of drawn) if (isThere && !without.has(kind)) streams.set(kind, randomOf(seed, kind))
  const counts = new Map<FaultKind, number>()
  let stopped = false

  return {
    counts,
    has: (kind) => streams.has(kind),
    strike(kind) {
      if (stopped) return false
      const stream = streams.get(kind)
      if (stream === undefined || !stream.chance(rate * (SHARES[kind] ?? 1))) return false
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
      trace.note(`fault: ${kind}`)
      return true
    },
    stop() {
      stopped = true
    },
  }
}
