import {
  type ConversationChange,
  type Engine,
  type Message,
  type Plugin,
  type PluginContext,
  type Profile,
  type SendOutcome,
  type Standing,
  type Store,
  type Transaction,
  userIdOf,
} from '@waymark/core'
import { answered } from './answered.ts'
import { backoff } from './backoff.ts'
import type { Effects } from './effects.ts'
import { grouped } from './grouped.ts'
import type { Profiles } from './profiles.ts'
import { createWorkLoop, type WorkLoop } from './work-loop.ts'

/** Messages claimed at a time, all of them sent side by side. */
const CLAIM = 50
/** Nobody else gets a claimed message for this long; if we die meanwhile it is sent again with the same key. */
const LEASE = 60_000
/** A send that has not answered by then may have arrived. Shorter than the lease, so that nobody else sends it meanwhile. */
const LONGEST_SEND = 55_000
/** How long a message is tried for. */
const GIVE_UP_AFTER = 3 * 86_400_000

type Settlement = { readonly key: string } & Parameters<Transaction['settle']>[1]

/** Brings what is in the outbox to one channel; wake it after each commit that decided to send. */
export function createDelivery(
  plugin: Plugin & { readonly channel: NonNullable<Plugin['channel']> },
  parts: {
    readonly engine: Engine
    readonly store: Store
    readonly effects: Effects
    readonly context: PluginContext
    readonly profiles: Profiles
    readonly publish: (changes: readonly ConversationChange[]) => void
  },
): WorkLoop {
  const { engine, store, effects, context } = parts
  const { clock, random } = effects
  const channel = plugin.channel

  /** Takes what is due, and drops what should no longer go: decided again in the very transaction that claims it. */
  async function claim(): Promise<readonly { readonly message: Message; readonly profile: Profile }[]> {
    const now = clock.now()
    return store.transaction(async (tx) => {
      const claimed: { message: Message; profile: Profile }[] = []
      const due = await tx.due(channel.name, now, CLAIM)
      const profiles = await parts.profiles.load([...new Set(due.map((message) => message.profile))], tx)
      for (const message of due) {
        const profile = profiles.get(message.profile)?.profile
        const standing: Standing = profile === undefined ? { stands: false, reason: 'its user is no longer there' } : engine.stands(profile, message, now)
        if (!standing.stands) await tx.settle(message.key, { state: 'cancelled', at: now, reason: standing.reason })
        else if (standing.notBefore !== undefined)
          await tx.settle(message.key, { state: 'queued', at: now, reason: 'quiet hours', notBefore: standing.notBefore })
        else if (profile !== undefined) claimed.push({ message, profile })
      }
      if (claimed.length > 0)
        await tx.lease(
          claimed.map(({ message }) => message.key),
          now + LEASE,
        )
      return claimed
    })
  }

  async function send(message: Message, profile: Profile): Promise<SendOutcome> {
    const userId = userIdOf(profile)
    const recipient = { profile: profile.id, ...(userId === undefined ? {} : { userId }), traits: profile.traits }
    try {
      return await answered(clock, LONGEST_SEND, channel.send(message, recipient, context), {
        status: 'unknown',
        reason: `the channel had not answered after ${LONGEST_SEND / 1_000} s`,
      })
    } catch (error) {
      context.log.error('a channel threw', { channel: channel.name, message: message.key, error: String(error) })
      return { status: 'retry', reason: String(error) }
    }
  }

  const write = grouped<Settlement>((settlements) =>
    store.transaction(async (tx) => {
      for (const { key, ...result } of settlements) await tx.settle(key, result)
    }),
  )

  async function settle(message: Message, outcome: SendOutcome): Promise<void> {
    const { key } = message
    const at = clock.now()
    const attempts = message.attempts + 1
    if (outcome.status !== 'sent') context.log.warn('a message was not sent', { channel: channel.name, message: key, ...outcome })
    if (outcome.status === 'sent') {
      await write({ key, state: 'sent', at })
      return parts.publish([{ kind: 'sent', message: { ...message, attempts, state: 'sent', sentAt: at } }])
    }
    if (outcome.status !== 'retry') return write({ key, state: outcome.status, at, reason: outcome.reason })
    if (at - message.decidedAt >= GIVE_UP_AFTER) return write({ key, state: 'dead', at, reason: `given up after ${attempts} attempts: ${outcome.reason}` })
    return write({ key, state: 'queued', at, reason: outcome.reason, notBefore: at + (outcome.afterMs ?? backoff(attempts, random)) })
  }

  async function work(isStopped: () => boolean): Promise<number | undefined> {
    while (!isStopped()) {
      const claimed = await claim()
      if (claimed.length === 0) return store.nextDue(channel.name)
      await Promise.all(claimed.map(async ({ message, profile }) => settle(message, await send(message, profile))))
    }
    return undefined
  }

  return createWorkLoop(clock, work, {
    onError: (error) => context.log.error('delivery stopped for a moment', { channel: channel.name, error: String(error) }),
  })
}
