import type { Clock, Engine, Store, Transaction } from '@waymark/core'
import { insist } from './insist.ts'
import { type Committed, mergesIn, type Work } from './pipeline.ts'
import type { Profiles } from './profiles.ts'
import { readOn } from './recovery.ts'
import { NO_COUNTS } from './resolve-identities.ts'

/** Writes the log. Memory is where the log stands before anything more is written. */
export interface LogWriter {
  /** Rejects when it failed. It may have been written all the same: then that is published before the next write, and by itself within a second or so. */
  write(works: readonly Work[]): Promise<Committed>
}

/**
 * A commit that failed may be on disk, where the connection broke as it was answered. What memory lacks of it would be missing for
 * good, since later snapshots say that they include it: so the log is asked how far it has come.
 */
export function createLogWriter(parts: {
  readonly store: Store
  readonly engine: Engine
  readonly profiles: Profiles
  readonly clock: Clock
  readonly run: (works: readonly Work[], tx: Transaction) => Promise<Committed>
  readonly publish: (committed: Committed) => void
  readonly isClosing: () => boolean
}): LogWriter {
  const { store, engine, profiles, clock, run, publish, isClosing } = parts
  let isSure = true
  let reading: Promise<void> | undefined

  /** What is in answers to messages is in the store; devices that show these learn of it at their next look. */
  async function read(): Promise<void> {
    await readOn(store, engine, profiles, profiles.upTo, (applied, entries) =>
      publish({ ...applied, outcomes: [], answers: mergesIn(entries), identity: NO_COUNTS, refusals: [], joined: [], leftOut: [] }),
    )
    isSure = true
  }

  function catchUp(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    async write(works) {
      if (!isSure) await catchUp()
      try {
        return await store.transaction((tx) => run(works, tx))
      } catch (error) {
        if (isSure) void insist(clock, catchUp, () => !isClosing()).catch(() => {})
        isSure = false
        throw error
      }
    },
  }
}
