import { type Duration, milliseconds } from './duration.ts'

/** How long and how much of what could not be used is kept for a person to look at. What goes is the oldest, with a line in the log. */
export interface Retention {
  readonly deadLetters?: Kept
  readonly quarantine?: Kept
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
