import type { CanonicalEvent, Json, JsonObject, PluginContext, Source, SourcePage } from '@waymark/core'
import { isObject, parseEvent } from '@waymark/core'
import { sanitize, sha256, tagsOf } from '@waymark/kit'
import type { QuerySnapshot } from 'firebase-admin/firestore'
import type { GoogleClients } from '../google/clients.ts'

export interface CollectionOptions {
  /** What a change of a document is: an event's name, or a function that makes an event of it, or undefined where it is none. */
  readonly event: string | ((change: DocumentChange) => DocumentEvent | undefined)
  /** The field that holds the user's id; `$id`: the document's own id. Default `userId`. */
  readonly user?: string
}

export interface DocumentChange {
  readonly kind: 'added' | 'modified' | 'removed'
  readonly id: string
  readonly path: string
  /** Plain JSON: times as ISO 8601, references as their paths. */
  readonly data: JsonObject
  /** Epoch milliseconds. */
  readonly changedAt: number
}

/** As a tracking call: all but the times and the message id. */
export type DocumentEvent = Partial<
  Pick<CanonicalEvent, 'type' | 'event' | 'name' | 'userId' | 'anonymousId' | 'groupId' | 'properties' | 'traits' | 'context'>
>

const PAGE_EVENTS = 500

/**
 * A collection of Firestore, listened to. Every listener begins with all documents, also after a restart: those that had not changed since the cursor
 * are passed over, and what comes twice has the message id it had. When a listener ends with an error, so does the pull, and the host begins it anew.
 */
export function firestoreSource(clients: GoogleClients, path: string, options: CollectionOptions, source: string, echo: string | undefined): Source {
  return { name: `firestore:${path}`, pull: (cursor, context) => listen(clients, path, options, source, echo, cursor, context) }
}

async function* listen(
  clients: GoogleClients,
  path: string,
  options: CollectionOptions,
  source: string,
  echo: string | undefined,
  cursor: Json | undefined,
  context: PluginContext,
): AsyncIterable<SourcePage> {
  const firestore = await clients.firestore()
  let seenUpTo = isObject(cursor) && typeof cursor['readTime'] === 'string' ? cursor['readTime'] : ''
  const waiting: QuerySnapshot[] = []
  let failure: Error | undefined
  let wake = () => {}
  const onAbort = () => wake()
  context.signal.addEventListener('abort', onAbort)
  const stop = firestore.collection(path).onSnapshot(
    (snapshot) => {
      waiting.push(snapshot)
      wake()
    },
    (error) => {
      failure = error
      wake()
    },
  )
  try {
    while (!context.signal.aborted) {
      const snapshot = waiting.shift()
      if (snapshot === undefined) {
        if (failure !== undefined) throw failure
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const events = await eventsOf(snapshot, seenUpTo, options, source, echo, context)
      seenUpTo = snapshot.readTime.valueOf()
      // Its place is behind the snapshot only when all of it is on disk.
      for (let start = 0; start === 0 || start < events.length; start += PAGE_EVENTS) {
        const isLast = start + PAGE_EVENTS >= events.length
        yield {
          events: events.slice(start, start + PAGE_EVENTS),
          ...(isLast ? { cursor: { readTime: seenUpTo } } : {}),
          progress: `${path} as of ${snapshot.readTime.toDate().toISOString()}`,
        }
      }
    }
  } finally {
    context.signal.removeEventListener('abort', onAbort)
    stop()
  }
}

async function eventsOf(
  snapshot: QuerySnapshot,
  seenUpTo: string,
  { event, user = 'userId' }: CollectionOptions,
  source: string,
  echo: string | undefined,
  context: PluginContext,
): Promise<readonly CanonicalEvent[]> {
  const unreadable: { source: string; reason: string; raw: unknown }[] = []
  const events = snapshot.docChanges().flatMap(({ type: kind, doc }): CanonicalEvent[] => {
    const isGone = kind === 'removed'
    // Text of fixed width, in the order of time, to the nanosecond.
    if (!isGone && doc.updateTime.valueOf() <= seenUpTo) return []
    const data = plain(doc.data())
    if (!isGone && echo !== undefined && tagsOf(data).includes(echo)) return []
    const changedAt = (isGone ? snapshot.readTime : doc.updateTime).toMillis()
    const made = typeof event === 'string' ? named(event, { id: doc.id, data }, user) : event({ kind, id: doc.id, path: doc.ref.path, data, changedAt })
    if (made === undefined) return []
    const messageId = sha256(JSON.stringify([doc.ref.path, isGone ? 'removed' : 'changed', doc.updateTime.valueOf()]))
    const raw = { type: 'track', ...made, messageId, timestamp: changedAt }
    const parsed = parseEvent(raw, { source, receivedAt: context.clock.now() })
    if (parsed.ok) return [parsed.value]
    unreadable.push({ source, reason: parsed.reason, raw })
    return []
  })
  if (unreadable.length > 0) await context.quarantine(unreadable)
  return events
}

function named(event: string, { id, data }: { readonly id: string; readonly data: JsonObject }, user: string): DocumentEvent {
  const userId = user === '$id' ? decoded(id) : data[user]
  return { event, properties: { ...data, documentId: id }, ...(typeof userId === 'string' ? { userId } : {}) }
}

/** The id behind a document's, where '/' was encoded away as this plugin does it. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

/** What of Firestore's own kinds JSON has no word for. */
function plain(data: Readonly<Record<string, unknown>>): JsonObject {
  const inner = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(inner)
    if ('toDate' in value && typeof value.toDate === 'function') return (value.toDate as () => Date)().toISOString()
    if ('path' in value && typeof value.path === 'string' && 'firestore' in value) return value.path
    if (Buffer.isBuffer(value)) return value.toString('base64')
    if ('latitude' in value && 'longitude' in value) return { latitude: value.latitude, longitude: value.longitude }
    return Object.fromEntries(Object.entries(value).map(([key, deep]) => [key, inner(deep)]))
  }
  return sanitize(inner(data) as object)
}
