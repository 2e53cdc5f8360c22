import type { Json, JsonObject } from '@waymark/core'
import { sha256 } from '@waymark/kit'
import type { News } from './news.ts'

/** What a request or a row says of the person behind it. */
export interface Said {
  readonly stream: string
  readonly instance: string | undefined
  readonly userId: string | undefined
  readonly traits: JsonObject
  /** When the traits were set, as far as it is known: with it, hearing of it again gives the same message id. */
  readonly setAt: number | undefined
  readonly timestamp: number
  readonly context: JsonObject
}

/** Traits that Waymark wrote itself: they are not the user's, and would go round for ever. */
const OURS = 'waymark_'

/**
 * The events that a request or row stands for besides its own: an identify where the user properties are others than before, and an alias where
 * a device has its first user.
 */
export function personOf(said: Said, news: News, id: () => string): readonly Record<string, Json>[] {
  const { stream, instance, userId, timestamp, context, setAt } = said
  const ids: Record<string, Json> = { ...(userId === undefined ? {} : { userId }), ...(instance === undefined ? {} : { anonymousId: instance }) }
  const common = { ...ids, timestamp, context }
  const traits = Object.fromEntries(Object.entries(said.traits).filter(([name]) => !name.startsWith(OURS))) as JsonObject
  const events: Record<string, Json>[] = []
  if (userId !== undefined && instance !== undefined && userId !== instance && news.isFirst(instance)) {
    events.push({ ...common, type: 'alias', previousId: instance, messageId: sha256(JSON.stringify(['alias', stream, instance, userId])) })
  }
  if (Object.keys(traits).length > 0 && news.areNew(JSON.stringify([stream, instance, userId]), traits)) {
    const messageId = setAt === undefined ? id() : sha256(JSON.stringify(['identify', stream, instance ?? null, userId ?? null, setAt, traits]))
    events.push({ ...common, type: 'identify', traits, messageId })
  }
  return events
}
