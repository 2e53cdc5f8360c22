import type { JsonObject, MessageDefinition } from '@waymark/core'

/** What a message may ask the user to do. Without `url` it only counts as clicked, and the page hears of it. */
export interface Action {
  readonly label: string
  /** `https:`, `http:`, `mailto:` or relative to the page. */
  readonly url?: string
}

export interface Tooltip {
  /** CSS selector of the element it speaks of; it waits until there is one to be seen. */
  readonly anchor: string
  readonly title: string
  readonly body: string
  readonly action?: Action
  /** Side of the anchor it prefers; it goes elsewhere where there is no room. Default `bottom`. */
  readonly placement?: 'top' | 'right' | 'bottom' | 'left'
}

export interface Modal {
  readonly title: string
  readonly body: string
  readonly action?: Action
}

export interface Banner {
  readonly title?: string
  readonly body: string
  readonly action?: Action
  /** Default `bottom`. */
  readonly position?: 'top' | 'bottom'
}

export const CHANNEL = 'in-app'

export const KINDS = ['tooltip', 'modal', 'banner'] as const
export type Kind = (typeof KINDS)[number]

/** Makes the message of a rule: plain JSON, whose texts are shown as text and never read as HTML. */
export function message(kind: Kind, content: Tooltip | Modal | Banner): MessageDefinition {
  return { channel: CHANNEL, kind, content: content as unknown as JsonObject }
}
