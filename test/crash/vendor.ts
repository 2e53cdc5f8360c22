import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { CanonicalEvent } from '@waymark/core'
import { exported } from './export.ts'
import { openLedger } from './ledger.ts'

/** A tool that has a history to give, takes events, and forgets people in its own time. Its ledgers are on the disk before it answers. */
export interface Vendor {
  readonly url: string
  /** The newest page that was asked for. */
  readonly page: number
  /** From now on there are no pages beyond those that were asked for. */
  end(): void
  close(): Promise<void>
}

/** Of people it was asked to forget, the lines `asked <user>` and `confirmed <user>` in `forgotten`; of events, `<message id> <what it tells>` in `taken`. */
export async function startVendor(folder: string, leavers: number): Promise<Vendor> {
  const [forgotten, taken] = [openLedger(join(folder, 'forgotten')), openLedger(join(folder, 'taken'))]
  let page = 0
  let last = Number.POSITIVE_INFINITY
  /** How often it was asked whether somebody is forgotten. */
  const looks = new Map<string, number>()

  function answer(path: string, body: unknown): unknown {
    if (path === '/export') {
      const next = (body as number) + 1
      if (next > last) return null
      page = Math.max(page, next)
      return exported(next, leavers)
    }
    if (path === '/events') {
      taken.write((body as readonly CanonicalEvent[]).map((event) => `${event.messageId} ${toldBy(event)}`))
      return {}
    }
    const user = body as string
    if (path === '/forget') {
      forgotten.write([`asked ${user}`])
      return {}
    }
    looks.set(user, (looks.get(user) ?? 0) + 1)
    // It is done when it has been asked about for the second time.
    const isDone = (looks.get(user) ?? 0) > 1
    if (isDone) forgotten.write([`confirmed ${user}`])
    return { isDone }
  }

  const server = createServer((request, response) => void serve(request, response))
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      response.end(JSON.stringify(answer(request.url ?? '', JSON.parse(await textOf(request)))))
    } catch {
      // The host died in the middle of its request.
      response.writeHead(400).end()
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get page() {
      return page
    },
    end() {
      last = page
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      forgotten.close()
      taken.close()
    },
  }
}

/** What an event tells, in the words of `learnedFrom`; of what people did, who it was. */
function toldBy({ type, event, userId, traits, properties }: CanonicalEvent): string {
  if (type === 'identify') return `${userId} is ${traits['waymark_activity']}`
  return event === 'waymark_decision' ? String(properties['key']) : `${userId} did it`
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
