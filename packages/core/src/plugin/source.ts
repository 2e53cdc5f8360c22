import type { CanonicalEvent } from '../event.ts'
import type { Json } from '../json.ts'
import type { PluginContext } from './context.ts'

/** A place that events are fetched from: an export, a table, a listener. What is sent here by others comes in through routes. */
export interface Source {
  /** Unique among the plugin's sources: letters, digits, dots and dashes. The two names together name its cursor, so a new name begins anew. */
  readonly name: string
  /** Milliseconds from the end of one pull to the beginning of the next. Default 60,000. A subscription, whose pull does not end, needs none. */
  readonly every?: number
  /**
   * What there is after `cursor`, oldest first; `undefined` at the very first pull. The events of a page and its cursor are one commit, and the
   * next page is asked for when that is on disk: after a crash the pull begins at the cursor of the last page that was. Of a page of a thousand
   * events or more the cursor is in the last of several commits. So a page may come twice, in parts too: give its events the same message ids. Ends
   * when there is nothing more for now, or, where news arrive by themselves, with `context.signal`, which is aborted when the host closes: what has not
   * ended 5 seconds later is left behind. A throw is logged, and the pull begins again from the last cursor, later with each failure in a row, up to
   * 15 minutes. What the host cannot write at the moment it keeps and tries again, while the pull waits.
   */
  pull(cursor: Json | undefined, context: PluginContext): AsyncIterable<SourcePage>
}

export interface SourcePage {
  readonly events: readonly CanonicalEvent[]
  /** Where to go on once these are on disk, as plain JSON. Absent: where it was. */
  readonly cursor?: Json
  /** How far it has come, for people: `2026-05-03, hour 14 of 24`. */
  readonly progress?: string
  /** The next page, or pull, is not asked for before so many milliseconds have passed: a rate limit. Default 0. */
  readonly pauseMs?: number
}
