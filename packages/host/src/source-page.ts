import { type CanonicalEvent, EVENT_TYPES, isObject, type SourcePage, type Unreadable } from '@waymark/core'

/** A page made to fit the contract, and what of it is no event. */
export interface ReadPage {
  readonly page: SourcePage
  readonly unreadable: readonly Unreadable[]
}

/** Throws where it is no page at all, or its cursor no JSON. What is no canonical event, or cannot be written down, is named with its reason. */
export function readPage(answer: unknown, plugin: string): ReadPage {
  if (!isObject(answer) || !Array.isArray(answer['events'])) throw new TypeError('a source yields pages, { events, cursor }: mend the plugin')
  const page = answer as unknown as SourcePage
  if (page.cursor !== undefined && asJson(page.cursor) === undefined) throw new TypeError('the cursor of a page is plain JSON: mend the plugin')
  const unreadable: Unreadable[] = []
  const events = page.events.filter((event) => {
    const reason = whyNot(event)
    if (reason === undefined) return true
    unreadable.push({ source: sourceOf(event) ?? plugin, reason, raw: asJson(event) === undefined ? String(event) : event })
    return false
  })
  return { page: events.length === page.events.length ? page : { ...page, events }, unreadable }
}

function whyNot(event: unknown): string | undefined {
  if (!isObject(event)) return 'a source yields canonical events, which are objects'
  if (!EVENT_TYPES.some((type) => type === event['type'])) return `type: not one of ${EVENT_TYPES.join(', ')}`
  for (const field of ['messageId', 'source']) if (typeof event[field] !== 'string' || event[field] === '') return `${field}: missing`
  for (const field of ['timestamp', 'receivedAt']) if (!Number.isFinite(event[field])) return `${field}: not a time in epoch milliseconds`
  for (const field of ['properties', 'traits', 'context', 'integrations']) if (!isObject(event[field])) return `${field}: expected an object`
  if (event['type'] === 'track' && typeof event['event'] !== 'string') return 'event: a track event needs a name'
  if (event['type'] !== 'group' && event['userId'] === undefined && event['anonymousId'] === undefined)
    return 'no userId and no anonymousId: one of them is needed'
  return asJson(event) === undefined ? 'it cannot be written as JSON' : undefined
}

function sourceOf(event: unknown): string | undefined {
  const source = isObject(event) ? (event as Partial<CanonicalEvent>).source : undefined
  return typeof source === 'string' && source !== '' ? source : undefined
}

function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
