import { type Reach, type Store, type Transaction, WHOLE } from '@waymark/core'

/** What has been dropped from the log, and what was made sure of then. Kept with the store's cursors. */
export interface CompactionRecord {
  /** Of events from before this moment some are gone, epoch milliseconds; null while none is. */
  readonly horizon: number | null
  /** From when on all is there that these read, by the name of a `Reach`: null from the beginning. */
  readonly complete: Readonly<Record<string, number | null>>
  /** Entries up to this one that are no events have been dropped. */
  readonly upTo: number
  /** How many were, in all. */
  readonly events: number
  readonly others: number
}

const COMPACTION = 'compaction'
const NOTHING: CompactionRecord = { horizon: null, complete: {}, upTo: 0, events: 0, others: 0 }

export async function readCompaction(store: Store): Promise<CompactionRecord> {
  const text = await store.cursor(COMPACTION)
  return text === undefined ? NOTHING : (JSON.parse(text) as CompactionRecord)
}

export function writeCompaction(tx: Transaction, record: CompactionRecord): Promise<void> {
  return tx.setCursor(COMPACTION, JSON.stringify(record))
}

/** The record before events up to a horizon are dropped, but for those that these readings need. */
export function withHorizon(record: CompactionRecord, reaches: readonly Reach[], horizon: number): CompactionRecord {
  const complete = Object.fromEntries(reaches.map(({ name }) => [name, completeFrom(record, name)]))
  return { ...record, horizon: Math.max(horizon, record.horizon ?? horizon), complete }
}

/** From when on all is there that a reading needs. One that nobody thought of lacks what was dropped before. */
function completeFrom({ complete, horizon }: CompactionRecord, name: string): number | null {
  for (const known of [name, WHOLE + name]) if (Object.hasOwn(complete, known)) return complete[known] ?? null
  return horizon
}

/** A condition that reads the log further back than it goes. */
export interface Incomplete {
  readonly reach: Reach
  /** It knows nothing for certain of what happened before. */
  readonly since: number
}

export function incompleteIn(record: CompactionRecord, reaches: readonly Reach[], now: number): readonly Incomplete[] {
  return reaches.flatMap((reach) => {
    const since = completeFrom(record, reach.name)
    return since === null || now - reach.back >= since ? [] : [{ reach, since }]
  })
}

/** For a person: which condition it is, and what of it cannot be known. */
export function sayIncomplete({ reach: { says, readBy }, since }: Incomplete): string {
  return `${readBy.join(', ')}: '${says}' reads the log further back than it goes: of what happened before ${new Date(since).toISOString()} it may miss some`
}
