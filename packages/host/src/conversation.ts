import {
  ANONYMOUS,
  type CanonicalEvent,
  type Conversation,
  type ConversationChange,
  type Identity,
  INTERACTIONS,
  type IngestOutcome,
  type Logger,
  type Store,
} from '@waymark/core'
import type { Effects } from './effects.ts'
import { keysOf } from './identity.ts'

export interface ConversationHub {
  readonly conversation: Conversation
  publish(changes: readonly ConversationChange[]): void
}

/** The one conversation with each user, read from the messages in the store and told on after each commit. */
export function createConversation(
  store: Store,
  effects: Effects,
  logger: Logger,
  ingest: (events: readonly CanonicalEvent[]) => Promise<readonly IngestOutcome[]>,
): ConversationHub {
  const listeners = new Set<(change: ConversationChange) => void>()

  async function profileOf(identity: Identity): Promise<string | undefined> {
    const { userId, anonymousId } = identity
    const found = await store.profilesOf(keysOf(identity))
    const user = userId === undefined ? undefined : found.get(`user:${userId}`)
    if (user !== undefined) return user
    const device = anonymousId === undefined ? undefined : found.get(`anonymous:${anonymousId}`)
    // A device may belong to another user already, and that one's messages are nobody else's business.
    return userId === undefined || device?.startsWith(ANONYMOUS) ? device : undefined
  }

  return {
    publish(changes) {
      for (const change of changes) {
        for (const listener of listeners) {
          try {
            listener(change)
          } catch (error) {
            logger.error('a listener to the conversation threw', { error: String(error) })
          }
        }
      }
    },
    conversation: {
      profileOf,
      open: (profile, channel) => store.openMessages(profile, channel),
      async answer(identity, key, interaction) {
        const [profile, message] = await Promise.all([profileOf(identity), store.message(key)])
        if (message === undefined || profile === undefined || message.profile !== profile) return false
        const now = effects.clock.now()
        await ingest([
          {
            type: 'track',
            event: INTERACTIONS[interaction],
            // The same answer given twice is one event.
            messageId: `${key}:${interaction}`,
            ...identity,
            timestamp: now,
            receivedAt: now,
            properties: { message: key, rule: message.rule, channel: message.channel },
            traits: {},
            context: {},
            integrations: {},
            source: 'waymark',
          },
        ])
        return true
      },
      watch(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
  }
}
