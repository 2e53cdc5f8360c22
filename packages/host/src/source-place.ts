import type { Json, Store } from '@waymark/core'

/** How far a source has come, as the store keeps it: in the commit of a page, and after each pull. */
export interface SourcePlace {
  /** Where the next pull begins. */
  readonly cursor?: Json
  /** When a page last moved the cursor, in epoch milliseconds. */
  readonly cursorAt?: number
  /** When the newest page was taken in. */
  readonly pageAt?: number
  /** What the newest page that said so said of how far it is. */
  readonly progress?: string
  /** When a pull last came to its end. */
  readonly pulledAt?: number
  /** Pulls that have thrown in a row. */
  readonly failing?: SourceFailure
}

export interface SourceFailure {
  readonly since: number
  readonly times: number
  readonly reason: string
}

/** Its name among the store's cursors. A plugin's name has no colon. */
export function placeName(plugin: string, source: string): string {
  return `source:${plugin}:${source}`
}

export async function sourcePlace(store: Store, plugin: string, source: string): Promise<SourcePlace> {
  const text = await store.cursor(placeName(plugin, source))
  return text === undefined ? {} : (JSON.parse(text) as SourcePlace)
}
