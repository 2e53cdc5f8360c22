import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { Running } from '../plugin/serve.ts'
import { listen } from '../plugin/serve.ts'
import { randomOf } from '../simulation/random.ts'
import { type Books, createLedger } from './books.ts'
import { drawFault, type Fault, type Shares } from './fault.ts'

export interface VendorRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The body as it came. */
  readonly sent: Buffer
  /** The body as text, inflated where it was gzip. */
  readonly text: string
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown
}

export interface VendorAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text, bytes, or what becomes JSON. Default: nothing. */
  readonly body?: unknown
}

/** The vendor itself: what it answers, and what it puts into its books. Faults are played around it. */
export type VendorHandler<T> = (request: VendorRequest, books: Books<T>) => VendorAnswer

/** A vendor on this machine. It is the `receiver` that the contract suites ask for. */
export interface VendorServer<T> extends Running {
  /** Every request that came, also those that a fault befell. */
  readonly requests: readonly VendorRequest[]
  /** What it keeps, in the order it came; without copies where the vendor knows copies. */
  readonly stored: readonly T[]
  /** How many items came that were there already. */
  readonly copies: number
  /** Whether it drops the second of two items with one key. */
  readonly dedups: boolean
  /** What happens to the next requests, one each. */
  next(...faults: readonly Fault[]): void
  /** What happens to each request that no fault was planned for, by what it asks; undefined: nothing. A second call takes the place of the first. */
  script(decide: (request: VendorRequest) => Fault | undefined): void
  /** What happens to all that come, by chance from a seed; `{}` ends it. */
  misbehave(shares: Shares, seed?: number): void
  /** Refuses the item with this key from now on. */
  refuse(key: string): void
}

/** Starts a vendor on a free port of 127.0.0.1. `dedups: false` is a vendor that keeps copies. */
export async function vendorServer<T>(handle: VendorHandler<T>, options: { readonly dedups?: boolean } = {}): Promise<VendorServer<T>> {
  const dedups = options.dedups ?? true
  const requests: VendorRequest[] = []
  const planned: Fault[] = []
  const ledger = createLedger<T>(dedups)
  let shares: Shares = {}
  let scripted: (request: VendorRequest) => Fault | undefined = () => undefined
  let random = randomOf(0, 'vendor')

  const server = createServer(async (incoming, outgoing) => {
    const request = await read(incoming)
    requests.push(request)
    const fault = planned.shift() ?? scripted(request) ?? drawFault(shares, random)
    if (fault?.kind === 'answer') return write(outgoing, { ...fault, body: fault.body ?? '' })
    if (fault?.kind === 'reset') return outgoing.destroy()
    if (fault?.kind === 'silent') return
    const answer = handle(request, ledger.open(random, fault?.kind === 'partial'))
    if (fault?.kind === 'lost') return outgoing.destroy()
    if (fault?.kind === 'hung') return
    if (fault?.kind === 'slow') return setTimeout(() => write(outgoing, answer), fault.ms)
    write(outgoing, answer)
  })

  return {
    ...(await listen(server)),
    requests,
    stored: ledger.stored,
    get copies() {
      return ledger.copies
    },
    dedups,
    next: (...faults) => void planned.push(...faults),
    script(decide) {
      scripted = decide
    },
    misbehave(wanted, seed = 1) {
      shares = wanted
      random = randomOf(seed, 'vendor')
    },
    refuse: (key) => ledger.refuse(key),
  }
}

async function read(incoming: IncomingMessage): Promise<VendorRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const sent = Buffer.concat(chunks)
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://vendor')
  const text = incoming.headers['content-encoding'] === 'gzip' ? inflated(sent) : sent.toString()
  return { method: incoming.method ?? '', path: pathname, query: searchParams, headers: incoming.headers, sent, text, json: parse(text) }
}

/** No text at all where the body is not what it says: no vendor takes that for anything. */
function inflated(sent: Buffer): string {
  try {
    return gunzipSync(sent).toString()
  } catch {
    return ''
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function write(outgoing: ServerResponse, { status, headers = {}, body = '' }: VendorAnswer): void {
  const isText = typeof body === 'string' || body instanceof Uint8Array
  outgoing.writeHead(status, { ...(isText ? {} : { 'content-type': 'application/json' }), ...headers })
  outgoing.end(isText ? body : JSON.stringify(body))
}
