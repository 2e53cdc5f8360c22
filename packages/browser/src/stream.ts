import type { Identity } from './identity.ts'
import { type Interaction, type Message, parseMessage } from './message.ts'

export interface StreamListener {
  opened(): void
  /** All open messages, told whenever the stream opens. */
  inbox(messages: readonly Message[]): void
  message(message: Message): void
  settled(key: string, interaction: Interaction): void
  /** Something came that cannot be read; the rest goes on. */
  problem(problem: Error): void
}

const FIRST_PAUSE = 2_000
const LONGEST_PAUSE = 60_000

/** Listens to the messages of one user until the function it returns is called; comes back by itself after any loss. */
export function openStream(host: string, identity: Identity, listener: StreamListener): () => void {
  const url = `${host}/inapp/stream?${new URLSearchParams({ ...identity })}`
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = FIRST_PAUSE

  function read<Value>(parse: (data: unknown) => Value, use: (value: Value) => void): (event: MessageEvent<string>) => void {
    return ({ data }) => {
      let value: Value
      try {
        value = parse(JSON.parse(data))
      } catch (error) {
        listener.problem(error instanceof Error ? error : new Error(String(error)))
        return
      }
      use(value)
    }
  }

  /** One message that cannot be read keeps nobody from the others. */
  function readable(data: unknown): readonly Message[] {
    if (!Array.isArray(data)) throw new Error('the inbox is not a list')
    return data.flatMap((value) => {
      try {
        return [parseMessage(value)]
      } catch (error) {
        listener.problem(error as Error)
        return []
      }
    })
  }

  function connect(): void {
    const opening = new EventSource(url)
    source = opening
    opening.addEventListener('open', () => {
      pause = FIRST_PAUSE
      listener.opened()
    })
    opening.addEventListener(
      'inbox',
      read(readable, (messages) => listener.inbox(messages)),
    )
    opening.addEventListener(
      'message',
      read(parseMessage, (message) => listener.message(message)),
    )
    opening.addEventListener(
      'settled',
      read(parseSettled, ({ key, interaction }) => listener.settled(key, interaction)),
    )
    opening.addEventListener('error', () => {
      // After a lost connection the browser tries again by itself; after a refusal it does not.
      if (opening.readyState !== EventSource.CLOSED) return
      timer = setTimeout(connect, pause * (0.5 + Math.random() / 2))
      pause = Math.min(pause * 2, LONGEST_PAUSE)
    })
  }

  connect()
  return () => {
    clearTimeout(timer)
    source?.close()
  }
}

function parseSettled(data: unknown): { key: string; interaction: Interaction } {
  const { key, interaction } = (data ?? {}) as { key?: unknown; interaction?: unknown }
  if (typeof key !== 'string' || typeof interaction !== 'string') throw new Error("'settled' came without key and interaction")
  return { key, interaction: interaction as Interaction }
}
