import type { Store } from '@waymark/core'
import { Gauge, type Registry } from 'prom-client'
import { readCompaction } from '../compaction-record.ts'

/** How large the store is and how far back its log goes. */
export interface LogGauges {
  /** To be emptied where the store does not answer. */
  readonly all: readonly Gauge<string>[]
  read(store: Store): Promise<void>
}

export function createLogGauges(registers: Registry[]): LogGauges {
  const room = new Gauge({
    name: 'waymark_store_bytes',
    help: 'What the store takes on its disk, and of that the log, and what is free for what comes',
    labelNames: ['part'],
    registers,
  })
  const dropped = new Gauge({ name: 'waymark_log_dropped_entries', help: 'Log entries dropped since the store was made', labelNames: ['kind'], registers })
  const horizon = new Gauge({
    name: 'waymark_log_horizon_timestamp_seconds',
    help: 'From when on every event is there, in seconds since 1970; 0 while none has been dropped',
    registers,
  })

  return {
    all: [room, dropped, horizon],
    async read(store) {
      const { bytes, logBytes, freeBytes } = (await store.size?.()) ?? {}
      for (const [part, value] of Object.entries({ all: bytes, log: logBytes, free: freeBytes })) if (value !== undefined) room.set({ part }, value)
      const record = await readCompaction(store)
      dropped.set({ kind: 'event' }, record.events)
      dropped.set({ kind: 'other' }, record.others)
      horizon.set((record.horizon ?? 0) / 1_000)
    },
  }
}
