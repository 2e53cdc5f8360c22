import { isObject } from '@waymark/core'
import type { VendorAnswer, VendorRequest, VendorServer } from './vendor-server.ts'
import { vendorServer } from './vendor-server.ts'

/** An event as Segment has it in the end. */
export type SegmentEvent = Readonly<Record<string, unknown>> & { readonly messageId: string }

/** A wish to forget users, as the Public API keeps it. */
export interface Regulation {
  readonly subjectIds: readonly string[]
  status: 'INITIALIZED' | 'RUNNING' | 'PARTIAL_SUCCESS' | 'FINISHED' | 'FAILED' | 'INVALID' | 'NOT_SUPPORTED'
  /** What the destinations say, which the whole is made of. */
  destinations: readonly { readonly name: string; readonly status: string }[]
}

/** Segment's tracking API and its Public API, on one address. */
export interface FakeSegment extends VendorServer<SegmentEvent> {
  readonly regulations: readonly Regulation[]
  /** Does what it was asked to: every regulation ends as it is told, `FINISHED` by default. */
  finish(status?: Regulation['status'], destinations?: Regulation['destinations']): void
}

const EVENT_BYTES = 32 * 1024
const BATCH_BYTES = 500 * 1024
const BATCH_EVENTS = 2500
const MOST_SUBJECTS = 5000

const TAKEN: VendorAnswer = { status: 200, body: { success: true } }
const REFUSED: VendorAnswer = { status: 400, body: { success: false } }

/**
 * Segment on this machine. `/v1/batch`: 200 whatever the write key; 400 for a batch that is not JSON, is larger than 500 KB or holds an event
 * larger than 32 KB; what lies beyond 2,500 events, an event without ids and a track event without a name vanish behind the 200. Copies are
 * known by their message id over all write keys. A batch with an item that is refused is refused as a whole. `/regulations` as in the Public API.
 */
export async function fakeSegment(): Promise<FakeSegment> {
  const regulations: Regulation[] = []
  const server = await vendorServer<SegmentEvent>((request, books) => {
    if (request.path.startsWith('/regulations')) return regulate(request, regulations)
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
  return Object.assign(server, {
    regulations,
    finish(status: Regulation['status'] = 'FINISHED', destinations: Regulation['destinations'] = []) {
      for (const regulation of regulations) Object.assign(regulation, { status, destinations })
    },
  })
}

/** A batch, or the one event of another path. */
function batchOf({ json }: VendorRequest): readonly unknown[] | undefined {
  if (!isObject(json)) return undefined
  return 'batch' in json ? (Array.isArray(json['batch']) ? json['batch'] : undefined) : [json]
}

function isComplete(event: unknown): event is SegmentEvent {
  if (!isObject(event) || typeof event['messageId'] !== 'string') return false
  if (event['type'] === 'track' && typeof event['event'] !== 'string') return false
  return event['type'] === 'group' || typeof event['userId'] === 'string' || typeof event['anonymousId'] === 'string'
}

function regulate({ method, path, headers, json }: VendorRequest, regulations: Regulation[]): VendorAnswer {
  if (!/^Bearer \S+$/.test(headers.authorization ?? '')) return { status: 401, body: { errors: [{ type: 'unauthorized' }] } }
  if (method === 'POST') {
    const ids = isObject(json) && json['subjectType'] === 'USER_ID' ? json['subjectIds'] : undefined
    if (!Array.isArray(ids) || ids.length === 0 || ids.length > MOST_SUBJECTS) return { status: 400, body: { errors: [{ type: 'bad-request' }] } }
    regulations.push({ subjectIds: ids.map(String), status: 'INITIALIZED', destinations: [] })
    return { status: 200, body: { data: { regulateId: `regulation-${regulations.length}` } } }
  }
  const regulation = regulations[Number(path.split('-').at(-1)) - 1]
  if (regulation === undefined) return { status: 404, body: { errors: [{ type: 'not-found' }] } }
  const { status, destinations } = regulation
  return { status: 200, body: { data: { regulation: { overallStatus: status, streamStatus: [{ id: 'source', destinationStatus: destinations }] } } } }
}
