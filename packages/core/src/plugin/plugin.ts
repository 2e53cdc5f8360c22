import type { CanonicalEvent } from '../event.ts'
import type { JsonObject } from '../json.ts'
import type { Message } from '../message.ts'
import type { PluginContext } from './context.ts'
import type { DeliveryOutcome, SendOutcome } from './outcome.ts'

/** What a user consents to. `essential` needs no consent: it serves the user, not us. */
export type Purpose = 'essential' | 'analytics' | 'personalization' | 'marketing'
export const PURPOSES: readonly Purpose[] = ['essential', 'analytics', 'personalization', 'marketing']

/** A plain object with capabilities. It imports core only and keeps no state before `start`. */
export interface Plugin {
  /** Unique in a config; also the folder its routes can be reached under (`/<name>/…`). */
  readonly name: string
  /** A plugin that declares none does not load. */
  readonly purpose: Purpose
  readonly routes?: readonly Route[]
  readonly sink?: Sink
  readonly channel?: Channel
  /** Before the first request. A throw stops the host from starting. */
  start?(context: PluginContext): Promise<void> | void
  stop?(): Promise<void> | void
}

/** An HTTP endpoint. `path` may hold `:name` parts. Answers also under `/<plugin name><path>`, unless the path already begins so. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  readonly path: string
  /** A throw becomes a 500 without details and a line in the log. */
  handle(request: Request, params: Readonly<Record<string, string>>, context: PluginContext): Promise<Response> | Response
}

/** Takes every event on. Each sink has its own cursor in the log; a slow one slows nobody else. */
export interface Sink {
  /** Most events in one call. Default 100. */
  readonly maxBatch?: number
  /** Names under which an event's `integrations` may switch it on or off, besides the plugin's own. */
  readonly integrations?: readonly string[]
  /** One outcome per event, in order. A throw counts as a retry of the whole batch. */
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
  /** Says what is wrong with a message definition, so that a bad one is refused when the config is loaded. */
  check?(kind: string, content: JsonObject): readonly string[]
  /** `message.key` is the idempotency key, the same on every attempt. A throw counts as a retry. */
  send(message: Message, recipient: Recipient, context: PluginContext): Promise<SendOutcome>
}
