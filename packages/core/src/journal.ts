import type { IdentityKey } from './store.ts'

/**
 * What became of two names that an event, or a person at the command line, took for one:
 * - `merged`: a profile became part of another.
 * - `linked`: an id that had no profile of its own became one of the user's.
 * - `unmerged`: a profile was taken out of another again.
 * - `refused`: they were not merged, and `reason` says why. Once for each pair and reason.
 * - `shared`: the id is another user's and stays theirs. Once for each id and user.
 */
export type JournalOutcome = 'merged' | 'linked' | 'unmerged' | 'refused' | 'shared'

/** One line of the merge journal, to be written. */
export interface NewJournalEntry {
  /** The host's clock. */
  readonly at: number
  readonly outcome: JournalOutcome
  /** The profile, or the name an id would have as one. */
  readonly from: string
  readonly into: string
  /** The ids that went from one to the other; none when nothing moved. */
  readonly keys: readonly IdentityKey[]
  /** What brought the two together; absent when a person did. */
  readonly event?: { readonly messageId: string; readonly source: string }
  readonly reason?: string
}

export interface JournalEntry extends NewJournalEntry {
  /** Grows by entry. */
  readonly id: number
}

export interface JournalFilter {
  /** Those that name the profile, one that is part of it, or one of its ids. */
  readonly profile?: string
  /** Older than the entry with this id: the last one of a page asks for the next. */
  readonly before?: number
  /** Newest first, at most this many. Default 1000. */
  readonly limit?: number
}
