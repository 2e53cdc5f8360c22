import type { Message } from './message.ts'

/** What the page can hear of, with `waymark.on(event, handler)`. */
export interface WaymarkEvents {
  /** A message is on the screen. */
  readonly shown: { readonly message: Message }
  /** The user chose the action. `preventDefault()` keeps the browser from following the url: the page does it itself. */
  readonly action: { readonly message: Message; readonly url?: string; readonly preventDefault: () => void }
  readonly dismissed: { readonly message: Message }
  /** Something could not be read, shown or told to the host. Without a handler it is a warning on the console. */
  readonly problem: Error
}

export type Handler<Name extends keyof WaymarkEvents> = (event: WaymarkEvents[Name]) => void

export interface Events {
  /** Returns the function that takes the handler away again. */
  on<Name extends keyof WaymarkEvents>(name: Name, handler: Handler<Name>): () => void
  emit<Name extends keyof WaymarkEvents>(name: Name, event: WaymarkEvents[Name]): void
}

export function createEvents(): Events {
  const handlers = new Map<keyof WaymarkEvents, Set<Handler<never>>>()
  return {
    on(name, handler) {
      const those = handlers.get(name) ?? new Set()
      handlers.set(name, those.add(handler))
      return () => void those.delete(handler)
    },
    emit(name, event) {
      const those = [...(handlers.get(name) ?? [])] as ((event: unknown) => void)[]
      if (name === 'problem' && those.length === 0) console.warn('Waymark:', event)
      for (const handler of those) {
        try {
          handler(event)
        } catch (error) {
          // The page's own mistake: the browser reports it as any other, and Waymark goes on.
          reportError(error)
        }
      }
    },
  }
}
