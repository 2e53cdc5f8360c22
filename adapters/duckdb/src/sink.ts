import type { CanonicalEvent, ConversationChange, DeliveryOutcome, IdentityKey, Owners, PluginContext, Sink } from '@waymark/core'
import { keyOfProfile } from '@waymark/kit'
import type { Lake } from './lake.ts'
import type { Settings } from './options.ts'

/** Ids whose owner is remembered, so that not every event asks the host's store. */
const MOST_REMEMBERED = 100_000

/** Takes events into the lake, and keeps it informed of whose they are. */
export interface LakeSink {
  readonly sink: Sink
  /** Follows merges and unmerges from now on. Ends with the function that comes back. */
  follow(context: PluginContext): () => void
}

export function createSink(lake: Lake, { learned }: Settings): LakeSink {
  /** Owners as the host last gave them. */
  const owners = new Map<IdentityKey, string>()

  async function ownersOf(events: readonly CanonicalEvent[], { conversation }: PluginContext): Promise<Owners> {
    const keys = new Set(events.flatMap(keysOf))
    const asked = [...keys].map(async (key) => [key, owners.get(key) ?? (await conversation.profileOf(identityOf(key)))] as const)
    const found = (await Promise.all(asked)).filter((one): one is readonly [IdentityKey, string] => one[1] !== undefined)
    if (owners.size > MOST_REMEMBERED) owners.clear()
    for (const [key, profile] of found) owners.set(key, profile)
    return new Map(found)
  }

  async function changed(change: ConversationChange, { conversation }: PluginContext): Promise<void> {
    if (change.kind !== 'merged' && change.kind !== 'unmerged') return
    const { kind, from, into } = change
    await (await lake.writer()).assign(async (catalog) => {
      const concerned = kind === 'merged' ? [from] : [from, into]
      const keys = [...new Set(concerned.flatMap((profile) => [keyOfProfile(profile), ...catalog.keysOf(profile)]))]
      for (const key of keys) owners.delete(key)
      if (kind === 'merged') return new Map(keys.map((key) => [key, into]))
      const now = await Promise.all(keys.map(async (key) => [key, await conversation.profileOf(identityOf(key))] as const))
      return new Map(now.filter((one): one is readonly [IdentityKey, string] => one[1] !== undefined))
    })
  }

  return {
    sink: {
      // Each call writes a file for each day in it, so whatever the host has at hand is taken in one.
      maxBatch: 5_000,
      learned,
      async deliver(events, context): Promise<readonly DeliveryOutcome[]> {
        if (events.length === 0) return []
        const writer = await lake.writer()
        const outcomes = await writer.load(events, async () => {
          context.signal.throwIfAborted()
          return ownersOf(events, context)
        })
        return outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome : { status: 'delivered' }))
      },
    },
    follow: (context) =>
      context.conversation.watch((change) => {
        changed(change, context).catch((error: unknown) => context.log.error('a merge did not reach the lake', { kind: change.kind, error: String(error) }))
      }),
  }
}

/** The ids that an event tells of: an alias names another's, too. */
function keysOf({ userId, anonymousId, previousId }: CanonicalEvent): readonly IdentityKey[] {
  return [
    ...(userId === undefined ? [] : [`user:${userId}` as const]),
    ...(anonymousId === undefined ? [] : [`anonymous:${anonymousId}` as const]),
    ...(previousId === undefined ? [] : [`user:${previousId}` as const, `anonymous:${previousId}` as const]),
  ]
}

function identityOf(key: IdentityKey): { readonly userId: string } | { readonly anonymousId: string } {
  const id = key.slice(key.indexOf(':') + 1)
  return key.startsWith('user:') ? { userId: id } : { anonymousId: id }
}
