import {
  type Cancel,
  type Clock,
  type Dropped,
  type Engine,
  type Input,
  type Logger,
  type LogPlace,
  milliseconds,
  type Store,
  type WaymarkConfig,
} from '@waymark/core'
import { type CompactionRecord, readCompaction, withHorizon, writeCompaction } from './compaction-record.ts'
import { droppable } from './droppable.ts'
import { cursorOf } from './lag.ts'
import { CHECKPOINT } from './recovery.ts'

/** Drops from the log what nobody reads any more, a little at a time. */
export interface Compaction {
  start(): void
  /** Resolves when nothing is under way. */
  stop(): Promise<void>
}

/** Between two rounds through the log, and before the first one, in milliseconds. */
const EVERY = 6 * 3_600_000
const SOON = 60_000
/** Between two transactions of a round, in milliseconds: what comes in goes first. */
const PAUSE = 20
/** Entries looked at in one go, and dropped in one transaction. */
const EVENTS_AT_ONCE = 500
const OTHERS_AT_ONCE = 5_000
/** What is in the log for recovery and for sinks alone. Who became whom, and who was taken apart, stays. */
const OTHERS: readonly Input['kind'][] = ['tick', 'undelivered', 'learned']
const BEGINNING: LogPlace = { profile: '', seq: 0 }

/**
 * Goes through the log from time to time. Nothing is dropped that a start would read, or that a sink of the config has not been taken past. What
 * `retention.log` says of events is judged by what the current definition reads; before the first of them goes, the horizon is written down.
 *
 * Each transaction drops some entries and says so in the record, so that it may end anywhere: a round that is cut short is begun anew.
 */
export function createCompaction(parts: {
  readonly config: WaymarkConfig
  readonly engine: Engine
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
}): Compaction {
  const { config, engine, store, clock, logger } = parts
  const sinks = (config.plugins ?? []).flatMap(({ name, sink }) => (sink === undefined ? [] : [name]))
  const age = config.retention?.log === undefined ? undefined : milliseconds(config.retention.log.age)
  let round: AsyncGenerator<void> | undefined
  let running: Promise<void> | undefined
  let isStopped = false
  let cancel: Cancel = () => {}

  async function drop(record: CompactionRecord, which: Dropped, next: Partial<CompactionRecord> = {}): Promise<CompactionRecord> {
    return store.transaction(async (tx) => {
      const dropped = count(record, which, await tx.drop(which))
      const written = { ...dropped, ...next }
      await writeCompaction(tx, written)
      return written
    })
  }

  async function* sweep(): AsyncGenerator<void> {
    const before = await readCompaction(store)
    let record = before
    const all = await readUpTo(store, sinks)
    while (record.upTo < all) {
      const upTo = Math.min(all, record.upTo + OTHERS_AT_ONCE)
      record = await drop(record, { kinds: OTHERS, after: record.upTo, upTo }, { upTo })
      yield
    }
    if (age !== undefined) {
      const horizon = clock.now() - age
      const upTo = await lastBefore(store, horizon, all)
      if (upTo > 0) {
        const noted = withHorizon(record, engine.reaches, horizon)
        await store.transaction((tx) => writeCompaction(tx, noted))
        record = noted
      }
      for (let place = BEGINNING; upTo > 0; ) {
        yield
        const entries = await store.eventsByName(place, upTo, EVENTS_AT_ONCE)
        const last = entries.at(-1)
        if (last === undefined) break
        place = { profile: last.profile, seq: last.seq }
        const seqs = droppable(engine, entries, horizon)
        if (seqs.length > 0) record = await drop(record, { seqs })
      }
    }
    const [events, others] = [record.events - before.events, record.others - before.others]
    if (events + others > 0)
      logger.info('the log was compacted', { events, others, horizon: record.horizon === null ? undefined : new Date(record.horizon).toISOString() })
  }

  /** One step of a round; a virtual clock waits for it. */
  async function step(): Promise<void> {
    round ??= sweep()
    let wait = PAUSE
    try {
      if ((await round.next()).done === true) {
        round = undefined
        wait = EVERY
      }
    } catch (error) {
      logger.error('the log could not be compacted; trying again later', { error: String(error) })
      round = undefined
      wait = EVERY
    }
    running = undefined
    goOn(wait)
  }

  function goOn(wait: number): void {
    if (isStopped) return
    cancel = clock.at(clock.now() + wait, () => {
      if (!isStopped) running = step()
      return running
    })
  }

  return {
    start: () => goOn(SOON),
    async stop() {
      isStopped = true
      cancel()
      await running
    },
  }
}

function count(record: CompactionRecord, which: Dropped, dropped: number): CompactionRecord {
  return 'kinds' in which ? { ...record, others: record.others + dropped } : { ...record, events: record.events + dropped }
}

/** Up to where snapshots include the log and all sinks have been taken. */
async function readUpTo(store: Store, sinks: readonly string[]): Promise<number> {
  const cursors = await Promise.all([CHECKPOINT, ...sinks.map(cursorOf)].map((name) => store.cursor(name)))
  return Math.min(...cursors.map((cursor) => Number(cursor ?? 0)))
}

/** The last entry up to `upTo` that was written before a moment; halving, since the log is in the order of its clock. */
async function lastBefore(store: Store, moment: number, upTo: number): Promise<number> {
  let [from, to] = [0, upTo]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    const [entry] = await store.log(middle, 1)
    if (entry === undefined || entry.seq > to || entry.now >= moment) to = middle
    else from = entry.seq
  }
  return from
}
