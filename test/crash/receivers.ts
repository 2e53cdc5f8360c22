import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Ledger, openLedger } from './ledger.ts'

/** The paths the receivers listen at, and the names of their ledgers: every request, by key, in the order of arrival. */
const RECEIVERS = ['keyed', 'plain', 'events'] as const

export interface Receivers {
  readonly url: string
  close(): Promise<void>
}

/** Write down what they are given, and answer when it is on the disk. */
export async function startReceivers(folder: string): Promise<Receivers> {
  const ledgers = new Map<string, Ledger>(RECEIVERS.map((name) => [`/${name}`, openLedger(join(folder, name))]))
  const server = createServer(async (request, response) => {
    try {
      const body = JSON.parse(await textOf(request)) as readonly string[] | { readonly key: string }
      ledgers.get(request.url ?? '')?.write('key' in body ? [body.key] : body)
      response.end()
    } catch {
      // The host died in the middle of its request.
      response.writeHead(400).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      for (const ledger of ledgers.values()) ledger.close()
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
