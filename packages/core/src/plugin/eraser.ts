import type { Json } from '../json.ts'
import type { PluginContext } from './context.ts'

/** Whom to forget, by every id that was ever theirs. */
export interface Subject {
  readonly profile: string
  readonly userIds: readonly string[]
  readonly anonymousIds: readonly string[]
}

/** What a receiver said to the wish to forget somebody. */
export type ErasureReceipt =
  /** It is gone there, or never was there. */
  | { readonly status: 'confirmed'; readonly detail?: string }
  /** Taken down, to be done by the vendor in its own time: `check` is asked with `reference`, after `checkAfterMs` (default an hour). */
  | { readonly status: 'requested'; readonly reference: Json; readonly checkAfterMs?: number; readonly detail?: string }
  | { readonly status: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** It cannot be done like that: a person has to look. */
  | { readonly status: 'failed'; readonly reason: string }

/** Has a person forgotten where the plugin took them to. */
export interface Eraser {
  /** How long the vendor may take by its own word, in days. Default 30. */
  readonly withinDays?: number
  /**
   * Asking for the same subject again does no harm. A throw counts as a retry. At most 2 minutes. The host gives the plugin's sink no event of
   * the subject any more from before the first call on, since most vendors would make the user anew of it.
   */
  erase(subject: Subject, context: PluginContext): Promise<ErasureReceipt>
  /** How a request stands. Without it, `requested` is the last word. */
  check?(reference: Json, context: PluginContext): Promise<ErasureReceipt>
}
