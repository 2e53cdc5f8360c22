import type { CanonicalEvent, DeliveryOutcome, PluginContext } from '@waymark/core'
import { textOfError } from '@waymark/kit'
import type { GoogleClients } from '../google/clients.ts'
import { documentId } from './document-id.ts'

/** Segments of users as documents: `{ segments: { engagement: 'engaged' }, updatedAt, waymark }`, one a user, which an app can listen to. */
export interface Memberships {
  /** One outcome an event; what is no membership counts as delivered. */
  keep(events: readonly CanonicalEvent[], context: PluginContext): Promise<readonly DeliveryOutcome[]>
  /** Removes the documents of users; none there is none to remove. */
  remove(ids: readonly string[]): Promise<void>
}

export const MEMBERSHIPS = 'waymark_memberships'

const PREFIX = 'waymark_'

/** Writes in one commit. */
const MOST_WRITES = 500

export function createMemberships(clients: GoogleClients, collection: string, tag: string): Memberships {
  return {
    async keep(events, context) {
      const outcomes: DeliveryOutcome[] = events.map(() => ({ status: 'delivered' }))
      const changes = events.flatMap((event, index) => (isMembership(event) ? [{ event, index }] : []))
      if (changes.length === 0) return outcomes
      const documents = new Map<string, { segments: Record<string, unknown>; updatedAt: string }>()
      for (const { event } of changes) {
        const id = documentId(event.userId ?? event.anonymousId ?? '')
        const segments = Object.entries(event.traits).flatMap(([name, member]) =>
          name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), member ?? null]] : [],
        )
        const earlier = documents.get(id)?.segments
        documents.set(id, { segments: { ...earlier, ...Object.fromEntries(segments) }, updatedAt: new Date(event.timestamp).toISOString() })
      }
      try {
        const firestore = await clients.firestore()
        const writes = [...documents]
        for (let start = 0; start < writes.length; start += MOST_WRITES) {
          const batch = firestore.batch()
          for (const [id, document] of writes.slice(start, start + MOST_WRITES)) {
            batch.set(firestore.collection(collection).doc(id), { ...document, waymark: { through: [tag] } }, { merge: true })
          }
          await batch.commit()
        }
      } catch (error) {
        context.log.warn('Firestore did not take the segments', { collection, reason: textOfError(error) })
        // Writing it again gives the same document.
        for (const { index } of changes) outcomes[index] = { status: 'retry', reason: `Firestore: ${textOfError(error)}` }
      }
      return outcomes
    },
    async remove(ids) {
      const firestore = await clients.firestore()
      for (let start = 0; start < ids.length; start += MOST_WRITES) {
        const batch = firestore.batch()
        for (const id of ids.slice(start, start + MOST_WRITES)) batch.delete(firestore.collection(collection).doc(documentId(id)))
        await batch.commit()
      }
    },
  }
}

function isMembership(event: CanonicalEvent): boolean {
  return event.source === 'waymark' && event.type === 'identify' && Object.keys(event.traits).some((name) => name.startsWith(PREFIX))
}
