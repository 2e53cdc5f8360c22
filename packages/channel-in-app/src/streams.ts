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
  /** Its profile may come to be, or change, without a merge that would tell. */
  isLoose: boolean
  /** What comes while the inbox is read waits for it: an inbox that was read earlier must not be told later. */
  tell(notice: Notice): void
  /** Begins to hold notices back; the function it returns tells the inbox and then those, unless a newer reading has begun. */
  readInbox(): (inbox: readonly Shown[]) => void
  close(): void
}

/** Notices that may wait for a browser that does not read; one that falls further behind is cut off, comes back and gets its inbox. */
const MOST_WAITING = 64
const HEARTBEAT = 15_000

/** The open streams, by whom they belong to. */
export class Streams {
  readonly #open = new Set<Stream>()
  isRunning = false

  open(): void {
    this.isRunning = true
  }

  add(stream: Stream): void {
    this.#open.add(stream)
  }

  remove(stream: Stream): void {
    this.#open.delete(stream)
  }

  of(profile: string): readonly Stream[] {
    return [...this.#open].filter((stream) => stream.profile === profile)
  }

  loose(): readonly Stream[] {
    return [...this.#open].filter((stream) => stream.isLoose)
  }

  /** Everything of one profile now belongs to another. */
  merge(from: string, into: string): void {
    for (const stream of this.of(from)) stream.profile = into
  }

  closeAll(): void {
    this.isRunning = false
    for (const stream of this.#open) stream.close()
    this.#open.clear()
  }
}

/** The body of a server-sent event stream, and the stream that feeds it. */
export function openStream(
  identity: Identity,
  clock: Clock,
  onClose: (stream: Stream) => void,
): { readonly stream: Stream; readonly body: ReadableStream<Uint8Array> } {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array>
  let cancelHeartbeat: Cancel = () => {}
  let isOpen = true
  let id = 0
  let reading = 0
  let held: Notice[] | undefined

  function write(text: string): void {
    if (!isOpen) return
    if ((controller.desiredSize ?? 0) <= -MOST_WAITING) close()
    else controller.enqueue(encoder.encode(text))
  }

  function beat(): void {
    // A page that has not read what there is needs no sign of life.
    if ((controller.desiredSize ?? 0) > 0) write(': still here\n\n')
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

  function put({ event, data }: Notice): void {
    id += 1
    write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  const stream: Stream = {
    identity,
    profile: undefined,
    isLoose: true,
    tell(notice) {
      if (held === undefined) put(notice)
      else if (held.push(notice) > MOST_WAITING) close()
    },
    readInbox() {
      reading += 1
      const mine = reading
      held ??= []
      return (inbox) => {
        if (mine !== reading) return
        const later = held ?? []
        held = undefined
        put({ event: 'inbox', data: inbox })
        for (const notice of later) put(notice)
      }
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
