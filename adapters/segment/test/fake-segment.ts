import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import type { Running } from '@waymark/testkit/plugin'
import { listen } from '@waymark/testkit/plugin'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly path: string
  readonly body: { readonly batch: readonly Record<string, any>[]; readonly writeKey: string; readonly sentAt: string }
}

export interface Reply {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
  /** Break the connection instead of answering. */
  readonly hangUp?: boolean
  /** Never answer. */
  readonly silent?: boolean
}

export interface FakeSegment extends Running {
  readonly requests: Received[]
  /** Events of requests answered with 2xx. */
  readonly events: Record<string, any>[]
  /** How it answers. Default: as Segment does, 200 for anything that is JSON and small enough. */
  reply(request: Received): Reply
}

/** A tracking API on this machine that answers as Segment's does: 400 above 500 KB or with an event above 32 KB, else 200, whatever the key. */
export async function fakeSegment(): Promise<FakeSegment> {
  const requests: Received[] = []
  const events: Record<string, any>[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    if (incoming.method !== 'POST') return outgoing.end('followed')
    const request: Received = { headers: incoming.headers, path: incoming.url!, body: JSON.parse(text) }
    requests.push(request)
    const tooLarge = text.length > 500 * 1024 || request.body.batch.some((event) => JSON.stringify(event).length > 32 * 1024)
    const reply = tooLarge ? { status: 400 } : running.reply(request)
    if (reply.hangUp) return incoming.socket.destroy()
    if (reply.silent) return
    if (reply.status < 300) events.push(...request.body.batch)
    outgoing.writeHead(reply.status, reply.headers)
    outgoing.end(reply.body ?? '{"success":true}')
  })
  const running: FakeSegment = { ...(await listen(server)), requests, events, reply: () => ({ status: 200 }) }
  return running
}
