import type { LogEntry, NewLogEntry, Store, Transaction } from '@waymark/core'

/** A disk, and everything that was ever logged on it: what a host drops from its log, the judges still look at. */
export interface RememberingStore {
  readonly store: Store
  /** Oldest first. */
  log(): readonly LogEntry[]
}

export function remembering(disk: Store): RememberingStore {
  const entries: LogEntry[] = []

  return {
    log: () => entries,
    store: {
      ...disk,
      async transaction(work) {
        const appended: { readonly entries: readonly NewLogEntry[]; readonly seqs: readonly number[] }[] = []
        const result = await disk.transaction((tx) => {
          const append: Transaction['append'] = async (added) => {
            const seqs = await tx.append(added)
            appended.push({ entries: added, seqs })
            return seqs
          }
          return work({ ...tx, append })
        })
        const commit = appended[0]?.seqs[0] ?? 0
        for (const { entries: added, seqs } of appended) entries.push(...added.map((entry, index) => ({ ...entry, seq: seqs[index] as number, commit })))
        return result
      },
    },
  }
}
