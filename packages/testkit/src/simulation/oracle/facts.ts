import type { DeadLetter, Decision, Engine, LogEntry, Message, Quarantined, Snapshot, Store, WaymarkConfig } from '@waymark/core'
import type { Ledger } from '../ledger.ts'

/** A promise that was not kept. */
export interface Violation {
  /** Which promise: the same for the same fault in other worlds. */
  readonly check: string
  readonly what: string
}

/** What the store holds at the end. */
export interface Disk {
  /** What was dropped from it on the way among the rest. */
  readonly log: readonly LogEntry[]
  /** Oldest first. */
  readonly decisions: readonly Decision[]
  /** Of the decisions to send, by their keys. */
  readonly messages: ReadonlyMap<string, Message>
  readonly quarantined: readonly Quarantined[]
  readonly deadLetters: readonly DeadLetter[]
  readonly snapshots: ReadonlyMap<string, Snapshot>
  readonly profileIds: readonly string[]
}

/** What is there at the end of a world, to hold the ledgers to. */
export interface Facts extends Disk {
  readonly ledger: Ledger
  /** The last that was deployed. */
  readonly config: WaymarkConfig
  /** All that were, in order. */
  readonly configs: readonly WaymarkConfig[]
  /** Of the last one. */
  readonly engine: Engine
  /** Segments or rules were changed on the way. */
  readonly isRedefined: boolean
  /** When a rule that was not there from the beginning came, or was changed, by the machine's clock and truly; without those that make up for the past. */
  readonly cameAt: ReadonlyMap<string, { readonly at: number; readonly trulyAt: number }>
  readonly deniesAnalytics: boolean
  /** By the machine's clock. */
  readonly now: number
  /** How far that clock's error has ranged. */
  readonly clockSpread: number
  /** What a process knew when it was killed as it was about to write it, and what the next one found by reading the log. */
  readonly known: { readonly before: readonly Snapshot[]; readonly after: ReadonlyMap<string, Snapshot> }
}

/** Everything there is: more than a world of a few days has. */
const ALL = 1_000_000

/** Reads the disk once everybody is gone. */
export async function readDisk(disk: Store): Promise<Omit<Disk, 'log'>> {
  const decisions = (await disk.decisions({ limit: ALL })).toReversed()
  const messages = new Map<string, Message>()
  for (const { key, outcome } of decisions) {
    const message = outcome === 'sent' ? await disk.message(key) : undefined
    if (message !== undefined) messages.set(key, message)
  }
  const profileIds = await disk.profileIds()
  return {
    decisions,
    messages,
    quarantined: await disk.quarantined({ limit: ALL }),
    deadLetters: await disk.deadLetters({ limit: ALL }),
    snapshots: await disk.snapshots(profileIds),
    profileIds,
  }
}
