import type { CanonicalEvent } from '../event.ts'
import type { JsonObject } from '../json.ts'
import type { Message } from '../message.ts'
import type { Warehouse } from '../warehouse.ts'
import type { PluginContext } from './context.ts'
import type { Eraser } from './eraser.ts'
import type { DeliveryOutcome, SendOutcome } from './outcome.ts'
import type { Source } from './source.ts'

/** What a user consents to. `essential` needs no consent: it serves the user, not us. */
export type Purpose = 'essential' | 'analytics' | 'personalization' | 'marketing'
export const PURPOSES: readonly Purpose[] = ['essential', 'analytics', 'personalization', 'marketing']

/** A plain object with capabilities. It imports core only and keeps no state before `start`. */
export interface Plugin {
  /** Unique in a config; also the folder its routes can be reached under (`/<name>/…`). */
  readonly name: string
  /** A plugin that declares none does not load. */
  readonly purpose: Purpose
  /** The sources its events come in under, as far as its options name them: what metrics tell apart. Never secrets. */
  readonly sourceNames?: readonly string[]
  readonly routes?: readonly Route[]
  readonly sources?: readonly Source[]
  readonly sink?: Sink
  readonly channel?: Channel
  readonly eraser?: Eraser
  /** What its sink writes, as tables to ask. Works without `start`, also beside a host that writes. */
  readonly warehouse?: Warehouse
  /** Before the first request. A throw stops the host from starting. */
  start?(context: PluginContext): Promise<void> | void
  stop?(): Promise<void> | void
  /**
   * Finds out whether what it needs outside is there and lets it in: a mail server, with its password. `waymark doctor` calls it without `start` and
   * beside a running host: it sends nothing and changes nothing. A throw says what is wrong, a `WaymarkError` also how to mend it. At most 10 seconds.
   */
  probe?(): Promise<void>
}

/** An HTTP endpoint. `path` may hold `:name` parts. Answers also under `/<plugin name><path>`, unless the path already begins so. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  readonly path: string
  /**
   * A throw becomes a 500 without details and a line in the log. Waymark's own errors that pass by themselves, which `ingest` and the other
   * members of the context throw (`BUSY`, `STORE_…`), become 503 with `Retry-After`: let them through, so that the sender comes back.
   */
  handle(request: Request, params: Readonly<Record<string, string>>, context: PluginContext): Promise<Response> | Response
}

/**
 * Takes every event on, at least once: the receiver should know an event by its `messageId`. Each sink has its own cursor in the
 * log; a slow one slows nobody else.
 */
export interface Sink {
  /** Most events in one call. Default 100. */
  readonly maxBatch?: number
  /**
   * What Waymark itself finds out and the sink takes too. It comes as events of the source `waymark`, like any others: a membership as an
   * `identify` with the trait `waymark_<segment>`, its value the member or null; a decision as a `track` named `waymark_decision`. Default: none.
   */
  readonly learned?: readonly ('memberships' | 'decisions')[]
  /** Names under which an event's `integrations` may switch it on or off, besides the plugin's own. */
  readonly integrations?: readonly string[]
  /** One outcome per event, in order; one that is missing or none of these counts as a retry, and so does a throw, of the whole batch. At most 2 minutes. */
  deliver(events: readonly CanonicalEvent[], context: PluginContext): Promise<readonly DeliveryOutcome[]>
}

export interface Recipient {
  readonly profile: string
  readonly userId?: string
  readonly traits: JsonObject
}

/** Brings one message to one person. */
export interface Channel {
  /** The `channel` of the messages it takes. */
  readonly name: string
  /** `inside`: seen only by somebody who is in the product now. `outside`: reaches people elsewhere, so quiet hours hold it back. */
  readonly reach: 'inside' | 'outside'
  /** Most messages under way at once. Default 10. */
  readonly concurrency?: number
  /**
   * How long after the first attempt the receiver knows a message by its key and drops a second one, in milliseconds; `Infinity` where
   * sending it again changes nothing, or does less harm than losing it. Within that time a message that may have arrived (`unknown`, no
   * answer in time, a host that died while sending) is sent again; after it, and at once where nothing is declared, it is kept as
   * `unknown` among the dead letters. So a channel that declares nothing sends at most once.
   */
  readonly dedup?: { readonly windowMs: number }
  /** Says what is wrong with a message definition, so that a bad one is refused when the config is loaded. */
  check?(kind: string, content: JsonObject): readonly string[]
  /** `message.key` is the idempotency key, the same on every attempt. A throw counts as a retry: answer `unknown` where it may have arrived. At most 50 seconds. */
  send(message: Message, recipient: Recipient, context: PluginContext): Promise<SendOutcome>
}
