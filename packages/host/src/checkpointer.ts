import type { Clock, Engine, Logger, Store } from '@waymark/core'
import type { WriteCheckpoint } from './observe/instruments.ts'
import type { Profiles } from './profiles.ts'
import { checkpoint } from './recovery.ts'

/** Writes the profiles to their snapshots, behind the log. */
export interface Checkpointer {
  /** The log has grown: begins a checkpoint when enough has come together. */
  grown(): void
  /** Resolves when one has been written that includes all there is; one that fails is logged, and recovery reads more of the log. */
  write(): Promise<void>
  /** When the newest one was finished, or the host was started. */
  readonly at: number
  /** Log entries that recovery would have to read. */
  readonly behind: number
}

/** See `HostOptions.checkpointEvery`. */
const EVERY = 20_000

export function createCheckpointer(parts: {
  readonly store: Store
  readonly engine: Engine
  readonly profiles: Profiles
  readonly clock: Clock
  readonly logger: Logger
  readonly watch: (write: WriteCheckpoint) => WriteCheckpoint
  readonly every?: number | undefined
}): Checkpointer {
  const { store, engine, profiles, clock, logger, every = EVERY } = parts
  let begun = profiles.upTo
  let finished = profiles.upTo
  let at = clock.now()
  let last: Promise<void> = Promise.resolve()

  const one = parts.watch(async () => {
    const { upTo } = profiles
    await checkpoint(store, engine, profiles)
    finished = upTo
    at = clock.now()
  })

  /** One after the other: an older one must not be written over a newer one. */
  function write(): Promise<void> {
    begun = profiles.upTo
    last = last
      .then(one)
      .catch((error: unknown) => logger.error('a checkpoint could not be written; recovery will read more of the log', { error: String(error) }))
    return last
  }

  return {
    grown() {
      if (profiles.upTo - begun >= every) void write()
    },
    write,
    get at() {
      return at
    },
    get behind() {
      return profiles.upTo - finished
    },
  }
}
