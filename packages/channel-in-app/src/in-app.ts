import type { ConversationChange, MessageDefinition, Plugin, PluginContext } from '@waymark/core'
import { check } from './check.ts'
import { bind, tellInbox } from './inbox.ts'
import { type Banner, CHANNEL, type Modal, message, type Tooltip } from './messages.ts'
import { routes } from './routes.ts'
import { Streams } from './streams.ts'

/** The plugin, and the makers of its messages. */
export interface InApp {
  (): Plugin
  /** A small text beside an element of the page. */
  tooltip(content: Tooltip): MessageDefinition
  /** A dialog in front of the page. */
  modal(content: Modal): MessageDefinition
  /** A strip along an edge of the page. */
  banner(content: Banner): MessageDefinition
}

/**
 * Messages inside the product. The inbox is what the host has sent and the user has not answered; the web SDK listens to a
 * stream of it, so a message appears without a reload, and goes on every device when it is answered on one.
 */
export const inApp: InApp = Object.assign(plugin, {
  tooltip: (content: Tooltip) => message('tooltip', content),
  modal: (content: Modal) => message('modal', content),
  banner: (content: Banner) => message('banner', content),
})

function plugin(): Plugin {
  const streams = new Streams()
  let stopWatching = (): void => {}
  return {
    name: 'inapp',
    purpose: 'personalization',
    routes: routes(streams),
    start(context) {
      streams.open()
      stopWatching = context.conversation.watch((change) => {
        pass(change, streams, context).catch((error: unknown) => context.log.error('a message could not be told to open pages', { error: String(error) }))
      })
    },
    stop() {
      stopWatching()
      streams.closeAll()
    },
    channel: {
      name: CHANNEL,
      reach: 'inside',
      check,
      concurrency: 50,
      // The message is its own inbox entry: there cannot be a second.
      dedup: { windowMs: Number.POSITIVE_INFINITY },
      // The inbox is the delivery; pages that are open hear of it once it is there (`pass`).
      send: async () => ({ status: 'sent' }),
    },
  }
}

/** Tells the open pages of a user what has changed. */
async function pass(change: ConversationChange, streams: Streams, context: PluginContext): Promise<void> {
  switch (change.kind) {
    case 'sent': {
      const { channel, key, kind, content, profile } = change.message
      if (channel !== CHANNEL) return
      await Promise.all(
        streams.loose().map(async (stream) => {
          const visitor = stream.profile
          // What a page shows of the visitor it took its user for is no longer right.
          if ((await bind(stream, context)) && visitor !== undefined) await tellInbox(stream, context)
        }),
      )
      for (const stream of streams.of(profile)) stream.tell({ event: 'message', data: { key, kind, content } })
      return
    }
    case 'answered':
      for (const stream of streams.of(change.profile)) stream.tell({ event: 'settled', data: { key: change.key, interaction: change.interaction } })
      return
    case 'merged':
      streams.merge(change.from, change.into)
      await Promise.all(streams.of(change.into).map((stream) => tellInbox(stream, context)))
      return
    case 'unmerged':
      // A page may belong to either now, and messages of each are gone from the other's.
      await Promise.all(
        streams.of(change.into).map(async (stream) => {
          await bind(stream, context)
          await tellInbox(stream, context)
        }),
      )
  }
}
