import { createEvents, type Handler, type WaymarkEvents } from './events.ts'
import { type Identity, type IdentityReader, type IdentitySource, isSameIdentity, knownIdentity } from './identity.ts'
import { ENGLISH, type Labels } from './labels.ts'
import type { Message } from './message.ts'
import { createQueue } from './queue.ts'
import { createReporter } from './reporter.ts'
import { createStage } from './stage.ts'
import { openStream } from './stream.ts'
import { whileVisible } from './visibility.ts'

export interface WaymarkOptions {
  /** Where the Waymark host listens: `https://waymark.example.com`. */
  readonly host: string
  /** Who the user is: a function, or a source such as `fromSegment(analytics)`. */
  readonly identity: IdentityReader | IdentitySource
  /** Lets the identity say itself when it changes. */
  readonly onIdentityChange?: IdentitySource['onIdentityChange']
  /** For products that do not speak English. */
  readonly labels?: Partial<Labels>
}

export interface Waymark {
  /** Begins to listen and to show. Happens by itself once the script that made it has run; calling it again does nothing. */
  start(): Waymark
  /** Hides everything and closes the stream, until `start()`. */
  stop(): void
  /** Stops, and lets go of the identity source: what is needed when the user signs out. */
  close(): void
  /** Reads the identity again; when it is another, what was open is hidden and the stream opened anew. */
  identityChanged(): void
  /** Returns the function that takes the handler away again. */
  on<Name extends keyof WaymarkEvents>(event: Name, handler: Handler<Name>): () => void
}

/** Shows the user's messages on this page. Where there is no page (rendering on a server) it does nothing. */
export function createWaymark({ host: url, identity: given, onIdentityChange, labels }: WaymarkOptions): Waymark {
  const host = checkedHost(url)
  const source: Partial<IdentitySource> & Pick<IdentitySource, 'identity'> =
    typeof given === 'function' ? { identity: given, ...(onIdentityChange === undefined ? {} : { onIdentityChange }) } : given
  const events = createEvents()
  const problem = (error: unknown): void => events.emit('problem', error instanceof Error ? error : new Error(String(error)))
  const reporter = createReporter(host, problem)
  let user: Identity | undefined
  let reading = 0
  let isStarted = false
  let isDecided = false
  let closeStream: (() => void) | undefined
  let stopWatching: (() => void) | undefined
  let forgetSource: (() => void) | undefined
  const seen = new Set<string>()

  const stage = createStage({
    labels: { ...ENGLISH, ...labels },
    changed: () => queue.advance(),
    problem,
    shown: (message) => events.emit('shown', { message }),
    seen({ key }) {
      if (user === undefined || seen.has(key)) return
      seen.add(key)
      reporter.report(user, key, 'seen')
    },
    clicked(message, url, preventDefault) {
      if (user !== undefined) reporter.report(user, message.key, 'clicked')
      queue.settle(message.key)
      events.emit('action', { message, ...(url === undefined ? {} : { url }), preventDefault })
    },
    dismissed(message) {
      if (user !== undefined) reporter.report(user, message.key, 'dismissed')
      queue.settle(message.key)
      events.emit('dismissed', { message })
    },
  })
  const queue = createQueue(stage)

  function listen(identity: Identity): () => void {
    const isOpen = ({ key }: Message) => !reporter.isSettled(identity, key)
    return openStream(host, identity, {
      opened: () => reporter.retry(),
      inbox: (messages) => queue.replace(messages.filter(isOpen)),
      message: (message) => isOpen(message) && queue.add(message),
      settled: (key, interaction) => interaction !== 'seen' && queue.settle(key),
      problem,
    })
  }

  function leaveUser(): void {
    stopWatching?.()
    stopWatching = undefined
    user = undefined
    seen.clear()
    queue.clear()
  }

  async function readIdentity(): Promise<void> {
    reading += 1
    const mine = reading
    let known: Identity | undefined
    try {
      known = knownIdentity(await source.identity())
    } catch (error) {
      problem(error)
      return
    }
    // Meanwhile it may have changed again, or all was stopped.
    if (mine !== reading || !isStarted || isSameIdentity(known, user)) return
    leaveUser()
    user = known
    if (known === undefined) return
    const identity = known
    stopWatching = whileVisible(
      () => {
        closeStream = listen(identity)
      },
      () => closeStream?.(),
    )
  }

  const retry = (): void => reporter.retry()
  const waymark: Waymark = {
    start() {
      isDecided = true
      if (isStarted || typeof document === 'undefined') return waymark
      isStarted = true
      addEventListener('online', retry)
      forgetSource ??= source.onIdentityChange?.(waymark.identityChanged)
      void readIdentity()
      return waymark
    },
    stop() {
      isDecided = true
      if (!isStarted) return
      isStarted = false
      removeEventListener('online', retry)
      leaveUser()
      reporter.stop()
      stage.close()
    },
    close() {
      waymark.stop()
      forgetSource?.()
      forgetSource = undefined
    },
    identityChanged() {
      if (isStarted) void readIdentity()
    },
    on: events.on,
  }
  // Not at once: handlers that are given next must not miss anything.
  queueMicrotask(() => {
    if (!isDecided) waymark.start()
  })
  return waymark
}

function checkedHost(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new TypeError(`createWaymark: host is ${JSON.stringify(url)}; give it the URL of the Waymark host, such as 'https://waymark.example.com'`)
  }
  return parsed.href.replace(/[?#].*$/, '').replace(/\/+$/, '')
}
