import { type Duration, milliseconds } from './duration.ts'

/** How long what is stored is kept. Of what could not be used, and waits for a person to look at it, the oldest goes, with a line in the log. */
export interface Retention {
  readonly deadLetters?: Kept
  readonly quarantine?: Kept
  /** Without it every event is kept. */
  readonly log?: LogRetention
}

export interface LogRetention {
  /**
   * Events that happened, and came in, longer ago than this are dropped from the log once every sink has them, where no condition of the current
   * definition can still read them: what reads over all time keeps what it needs however old.
   */
  readonly age: Duration
}

export interface Kept {
  /** Default `14d`. */
  readonly age?: Duration
  /** At most so many. Default 100,000. */
  readonly max?: number
}

/** Milliseconds and a number, defaults applied. */
export interface Bound {
  readonly age: number
  readonly max: number
}

export function boundOf(kept: Kept | undefined): Bound {
  return { age: milliseconds(kept?.age ?? '14d'), max: kept?.max ?? 100_000 }
}
