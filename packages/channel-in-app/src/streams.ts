import type { Cancel, Clock, Identity } from '@waymark/core'

/** What a stream tells its browser. */
export type Notice =
  | { readonly event: 'inbox'; readonly data: readonly Shown[] }
  | { readonly event: 'message'; readonly data: Shown }
  | { readonly event: 'settled'; readonly data: { readonly key: string; readonly interaction: string } }

export interface Shown {
  readonly key: string
  readonly kind: string
  readonly content: unknown
}

/** One browser listening. */
export interface Stream {
  readonly identity: Identity
  /** Undefined until the first event of this identity has come in. */
  profile: string | undefined
  tell(notice: Notice): void
  close(): void
}

/** Notices that may wait for a browser that does not read; one that falls further behind is cut off, comes back and gets its inbox. */
const MOST_WAITING = 64
const HEARTBEAT = 15_000

/** The open streams, by whom they belong to. */
export class Streams {
  readonly #open = new Set<Stream>()

  add(stream: Stream): void {
    this.#open.add(stream)
  }

  remove(stream: Stream): void {
    this.#open.delete(stream)
  }

  of(profile: string): readonly Stream[] {
    return [...this.#open].filter((stream) => stream.profile === profile)
  }

  unbound(): readonly Stream[] {
    return [...this.#open].filter((stream) => stream.profile === undefined)
  }

  /** Everything of one profile now belongs to another. */
  merge(from: string, into: string): void {
    for (const stream of this.of(from)) stream.profile = into
  }

  closeAll(): void {
    for (const stream of this.#open) stream.close()
    this.#open.clear()
  }
}

/** The body of a server-sent event stream, and the stream that feeds it. */
export function openStream(identity: Identity, clock: Clock, onClose: (stream: Stream) => void): { readonly stream: Stream; readonly body: ReadableStream<Uint8Array> } {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array>
  let cancelHeartbeat: Cancel = () => {}
  let isOpen = true
  let id = 0

  function write(text: string): void {
    if (!isOpen) return
    if ((controller.desiredSize ?? 0) <= -MOST_WAITING) close()
    else controller.enqueue(encoder.encode(text))
  }

  function beat(): void {
    write(': still here\n\n')
    if (isOpen) cancelHeartbeat = clock.at(clock.now() + HEARTBEAT, beat)
  }

  function close(): void {
    if (!isOpen) return
    ended()
    controller.close()
  }

  function ended(): void {
    isOpen = false
    cancelHeartbeat()
    onClose(stream)
  }

  const stream: Stream = {
    identity,
    profile: undefined,
    tell({ event, data }) {
      id += 1
      write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    close,
  }
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
      write('retry: 2000\n\n')
      cancelHeartbeat = clock.at(clock.now() + HEARTBEAT, beat)
    },
    cancel() {
      if (isOpen) ended()
    },
  })
  return { stream, body }
}
