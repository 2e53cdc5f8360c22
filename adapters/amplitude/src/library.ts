import type { JsonObject } from '@waymark/core'
import { tagsOf } from '@waymark/kit'
import { TEXT_LENGTH } from './limits.ts'

/*
 * `library` is the one field that Amplitude keeps of an event, shows in exports and webhooks, and that is nobody's data. So the sink writes
 * there what its events have been through: `waymark/5f2e…+9a0b…`.
 */

const OURS = 'waymark/'

/** The last ones where there are too many: they are the ones that may come back soonest. */
const MOST = Math.floor((TEXT_LENGTH - OURS.length) / 17)

export function libraryOf(context: JsonObject, tag: string): string {
  const tags = [...tagsOf(context).filter((one) => one !== tag), tag]
  return OURS + tags.slice(-MOST).join('+')
}

/** The sinks an event has been through; none for an event that others made. */
export function sinksOf(library: unknown): readonly string[] {
  if (typeof library !== 'string' || !library.startsWith(OURS)) return []
  return library.slice(OURS.length).split('+')
}
