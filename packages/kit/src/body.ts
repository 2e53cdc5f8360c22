import { promisify } from 'node:util'
import { unzip } from 'node:zlib'
import { type Attempt, refused } from './attempt.ts'

const inflate = promisify(unzip)

/** How much of an oversized body is still read, and thrown away, so that a sender in the middle of sending gets to see the answer. */
const DISCARDED_BYTES = 4 * 1024 * 1024

export interface BodyLimit {
  /** Most bytes, inflated. */
  readonly bytes: number
  /** The status the vendor answers with when there are more. Default 413. */
  readonly status?: number
  /** What the sender should do instead: 'send less at a time: 32 KB an event'. */
  readonly mend: string
}

/** The body as it was sent and as it is once inflated. */
export interface Body {
  readonly sent: Uint8Array
  readonly bytes: Uint8Array
}

/** Reads a body of at most so many bytes, inflated where `Content-Encoding` says gzip or deflate. */
export async function readBody(request: Request, limit: BodyLimit): Promise<Attempt<Body>> {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase()
  if (!['identity', '', 'gzip', 'x-gzip', 'deflate'].includes(encoding)) {
    return refused(415, 'unknown_encoding', `Content-Encoding '${encoding}' is not understood; send gzip, deflate or none`)
  }
  const sent = await readBytes(request, limit.bytes)
  if (sent === undefined) return tooLarge(limit, { connection: 'close' })
  if (encoding === 'identity' || encoding === '') return { ok: true, value: { sent, bytes: sent } }
  const bytes = await inflated(sent, limit.bytes)
  if (bytes === 'too large') return tooLarge(limit)
  if (bytes === undefined) return refused(400, 'bad_encoding', `the body is not ${encoding}, though Content-Encoding says so`)
  return { ok: true, value: { sent, bytes } }
}

/** One for all: making it costs more than reading an event with it. */
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes as JSON, whatever the content type says: browsers send `text/plain` to spare themselves a preflight. Undefined when they are none. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes))
  } catch {
    return undefined
  }
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array | undefined> {
  // Whoever says how much it is and keeps below the limit is read in one go, at half the price of a stream.
  const announced = request.headers.get('content-length')
  if (announced === null || !(Number(announced) <= limit)) return readStream(request, limit)
  const bytes = new Uint8Array(await request.arrayBuffer())
  return bytes.length > limit ? undefined : bytes
}

async function readStream(request: Request, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size <= limit) chunks.push(value)
    else chunks.length = 0
    if (size > limit + DISCARDED_BYTES) break
  }
  // Not cancelled: that would close the connection before the answer is out.
  reader?.releaseLock()
  return size > limit ? undefined : Buffer.concat(chunks)
}

/** A few bytes can inflate to gigabytes: it stops at the limit. */
async function inflated(bytes: Uint8Array, limit: number): Promise<Uint8Array | 'too large' | undefined> {
  try {
    return await inflate(bytes, { maxOutputLength: limit })
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : undefined
  }
}

function tooLarge({ bytes, status = 413, mend }: BodyLimit, headers: Record<string, string> = {}): ReturnType<typeof refused> {
  return refused(status, 'too_large', `the body has more than ${bytes / 1024} KB; ${mend}`, headers)
}
