import { isObject } from '@waymark/core'
import type { VendorAnswer, VendorRequest, VendorServer } from './vendor-server.ts'
import { vendorServer } from './vendor-server.ts'

/** An event as Segment has it in the end. */
export type SegmentEvent = Readonly<Record<string, unknown>> & { readonly messageId: string }

const EVENT_BYTES = 32 * 1024
const BATCH_BYTES = 500 * 1024
const BATCH_EVENTS = 2500

const TAKEN: VendorAnswer = { status: 200, body: { success: true } }
const REFUSED: VendorAnswer = { status: 400, body: { success: false } }

/**
 * Segment's tracking API (`/v1/batch`): 200 whatever the write key; 400 for a batch that is not JSON, is larger than 500 KB or holds an event
 * larger than 32 KB; what lies beyond 2,500 events, an event without ids and a track event without a name vanish behind the 200. Copies
 * are known by their message id over all write keys. A batch with an item that is refused is refused as a whole.
 */
export async function fakeSegment(): Promise<VendorServer<SegmentEvent>> {
  return vendorServer<SegmentEvent>((request, books) => {
    // What follows a redirect leaves the body behind, and hears that all is well.
    if (request.method !== 'POST') return { status: 200, body: 'nothing to see' }
    const batch = batchOf(request)
    if (batch === undefined || request.sent.length > BATCH_BYTES || batch.some((event) => Buffer.byteLength(JSON.stringify(event)) > EVENT_BYTES))
      return REFUSED
    const items = batch
      .slice(0, BATCH_EVENTS)
      .filter(isComplete)
      .map((value) => ({ key: value.messageId, value }))
    if (books.refused(items).length > 0) return REFUSED
    books.keep(items)
    return TAKEN
  })
}

function batchOf({ json }: VendorRequest): readonly unknown[] | undefined {
  const batch = isObject(json) ? json['batch'] : undefined
  return Array.isArray(batch) ? batch : undefined
}

function isComplete(event: unknown): event is SegmentEvent {
  if (!isObject(event) || typeof event['messageId'] !== 'string') return false
  if (event['type'] === 'track' && typeof event['event'] !== 'string') return false
  return event['type'] === 'group' || typeof event['userId'] === 'string' || typeof event['anonymousId'] === 'string'
}
