import type { CanonicalEvent } from '@waymark/core'
import { sha256, tagsOf } from '@waymark/kit'

/*
 * The one parameter the sink adds: what the event is known by, and the sinks it has been through. With it, a doubtful event can be looked
 * up at Google, a copy can be told in BigQuery, and the sources of the same plugin drop what its own sink has sent.
 */
export const MARK = 'waymark_id'

/** When an event that is too old for Google really happened, in epoch milliseconds. */
export const HAPPENED_AT = 'waymark_happened_at'

const ID_LENGTH = 24
/** So many tags fit into a value of 100 characters. */
const TAGS = 4

/** An event's mark with this tag added; the newest tags are kept. */
export function markOf(event: Pick<CanonicalEvent, 'source' | 'messageId' | 'context'>, tag: string): string {
  const through = [...tagsOf(event.context).filter((other) => other !== tag), tag].slice(-TAGS)
  return [sha256(JSON.stringify([event.source, event.messageId])).slice(0, ID_LENGTH), ...through].join('.')
}

export interface Mark {
  readonly id: string
  readonly through: readonly string[]
}

export function readMark(value: unknown): Mark | undefined {
  if (typeof value !== 'string' || !/^[0-9a-f]{24}(\.[0-9a-f]{16})+$/.test(value)) return undefined
  const [id = '', ...through] = value.split('.')
  return { id, through }
}
