import {
  type ConversationChange,
  type Engine,
  type Message,
  type NewDeadLetter,
  type Plugin,
  type PluginContext,
  type Profile,
  type SendOutcome,
  type Settlement,
  type Store,
  type Transaction,
  userIdOf,
} from '@waymark/core'
import { backoff, waitFor } from './backoff.ts'
import { createBreaker } from './breaker.ts'
import { createClaims, type Taken } from './claim.ts'
import type { Committer } from './committer.ts'
import type { Effects } from './effects.ts'
import { insist } from './insist.ts'
import type { Joined, SoFar } from './joined.ts'
import { channelLag } from './lag.ts'
import { messageOf } from './outcomes.ts'
import type { Work } from './pipeline.ts'
import { type Answer, callPlugin, GRACE } from './plugin-call.ts'
import { isUndelivered } from './recovery.ts'
import { type Runner, reportBreaker } from './runner.ts'
import type { Erased } from './tombstones.ts'
import { maySendAgain } from './unclear.ts'
import { createWorkLoop, type Tasks } from './work-loop.ts'

/** Messages under way at once, unless the channel says otherwise. */
const CONCURRENCY = 10
/** How long a send may take before its signal is aborted. With the grace it is shorter than the lease, so that nobody else sends it meanwhile. */
const LONGEST_SEND = 50_000
/** Nobody else gets a claimed message for this long. */
const LEASE = 60_000
/** What came of a send is written no later than this long before the lease ends. */
const LAST_WRITE = 2_000
/** How long, and how often at least, a message is tried. */
const GIVE_UP_AFTER = 3 * 86_400_000
const LEAST_ATTEMPTS = 5

const NOTHING_MORE: Joined = async () => () => {}

/** Has caps and limits count a message no longer that did not reach its user. */
function undelivered({ profile, rule, decidedAt }: Message): Work {
  return { kind: 'undelivered', profile, rule, decidedAt }
}

/** What one attempt came to, and the dead letter where it was the last. */
interface Written {
  readonly key: string
  readonly settlement: Settlement
  readonly letter?: NewDeadLetter
}

export interface ChannelRunner extends Runner {
  /** Joins each commit, to claim at once what it decides to send. */
  readonly claimDecided: Joined
}

/** Brings what is in the outbox to one channel; wake it after each commit that decided to send. */
export function createDelivery(
  plugin: Plugin & { readonly channel: NonNullable<Plugin['channel']> },
  parts: {
    readonly engine: Engine
    readonly store: Store
    readonly effects: Effects
    readonly context: PluginContext
    readonly erased: Erased
    /** Writes with the next commit. */
    readonly join: Committer['join']
    readonly publish: (changes: readonly ConversationChange[]) => void
  },
): ChannelRunner {
  const { engine, store, effects, context, join } = parts
  const { clock, random } = effects
  const { channel } = plugin
  const concurrency = channel.concurrency ?? CONCURRENCY
  const breaker = createBreaker(effects, (status) => reportBreaker(context.log, 'channel', status))
  const claims = createClaims(plugin, { engine, lease: LEASE, erased: parts.erased })

  /** Keys of messages whose attempt is not accounted for yet. One whose account seems to have failed, and is on disk, may be due again already. */
  const underWay = new Set<string>()
  let isStarted = false
  /** The newest commit that claimed. */
  let takenIn: Transaction | undefined

  async function work(tasks: Tasks): Promise<number | undefined> {
    while (!tasks.isStopped) {
      // With something under way, its end wakes us.
      if (room() <= 0) return breaker.status.retryAt
      const now = clock.now()
      const due = await store.nextDue(channel.name)
      if (!claims.isUnsure && (due === undefined || due > now)) return due
      let looked = 0
      await join(async (tx, so) => {
        const taken = await take(tx, so)
        looked = taken.looked
        return () => begin(taken)
      })
      // What is due is under way, or was taken by a commit of others.
      if (looked === 0 && tasks.underWay > 0) return undefined
      await tasks.soon()
    }
    return undefined
  }

  function room(): number {
    const { underWay: count } = loop.tasks
    return Math.min(breaker.room(count), concurrency - count)
  }

  async function take(tx: Transaction, so: SoFar): Promise<Taken & { readonly at: number }> {
    const at = clock.now()
    takenIn = tx
    return { at, ...(await claims.take(tx, so, at, Math.max(0, room()), underWay)) }
  }

  function begin({ at, claimed, cancelled }: Taken & { readonly at: number }): void {
    claims.heard()
    for (const message of cancelled) loop.tasks.start(() => join(NOTHING_MORE, [undelivered(message)]))
    for (const { message, profile } of claimed) {
      underWay.add(message.key)
      loop.tasks.start(() => carry(message, profile, at).finally(() => underWay.delete(message.key)))
    }
  }

  /** Claims what a commit decides to send in that very commit. Whatever is wrong with a message must not keep events from the disk. */
  const claimDecided: Joined = async (tx, so) => {
    const isOurs = so.decisions.some(({ outcome, message }) => outcome === 'sent' && message?.channel === channel.name)
    if (!isOurs || takenIn === tx || !isStarted || loop.tasks.isStopped || room() <= 0) return () => {}
    try {
      const taken = await take(tx, so)
      return () => begin(taken)
    } catch (error) {
      context.log.error('messages could not be claimed with their decision', { channel: channel.name, error: messageOf(error) })
      return () => {}
    }
  }

  async function carry(message: Message, profile: Profile, claimedAt: number): Promise<void> {
    const userId = userIdOf(profile)
    const recipient = { profile: profile.id, ...(userId === undefined ? {} : { userId }), traits: profile.traits }
    const answer = await callPlugin(context, LONGEST_SEND, (own) => channel.send(message, recipient, own))
    // The next start finds it leased and not accounted for.
    if (answer.kind === 'abandoned') return
    const outcome = outcomeOf(answer, message)
    if (outcome.status === 'sent' || outcome.status === 'rejected') breaker.succeeded()
    else breaker.failed(outcome.reason, outcome.status === 'retry' ? waitFor(outcome.afterMs, 0, random) : 0)
    if (outcome.status !== 'sent') context.log.warn('a message was not sent', { channel: channel.name, message: message.key, ...outcome })
    const at = clock.now()
    const written = settled(message, outcome, claimedAt, at)
    // One that may have arrived before it was refused counts.
    const givenBack = isUndelivered(written.settlement.state) && message.unclearSince === undefined ? [undelivered(message)] : []
    await insist(
      clock,
      () => join((tx) => write(written, tx), givenBack),
      () => !context.signal.aborted && clock.now() < claimedAt + LEASE - LAST_WRITE,
    )
    if (outcome.status === 'sent') parts.publish([{ kind: 'sent', message: { ...message, attempts: message.attempts + 1, state: 'sent', sentAt: at } }])
  }

  async function write({ key, settlement, letter }: Written, tx: Transaction): Promise<() => void> {
    await tx.settle(key, settlement)
    if (letter !== undefined) await tx.deadLetter([letter])
    return () => {}
  }

  function outcomeOf(answer: Exclude<Answer<SendOutcome>, { kind: 'abandoned' }>, message: Message): SendOutcome {
    if (answer.kind === 'threw') {
      const reason = messageOf(answer.error)
      context.log.error('a channel threw', { channel: channel.name, message: message.key, error: reason })
      return { status: 'retry', reason }
    }
    if (answer.kind !== 'answered') return { status: 'unknown', reason: `the channel had not answered after ${(LONGEST_SEND + GRACE) / 1_000} s` }
    return answer.value
  }

  /** What to write of an attempt: a message that may have arrived is sent again only while the receiver still knows its key. */
  function settled(message: Message, outcome: SendOutcome, claimedAt: number, at: number): Written {
    const { key } = message
    const attempts = message.attempts + 1
    if (outcome.status === 'sent') return { key, settlement: { state: 'sent', at } }
    const { reason } = outcome
    const unclearSince = message.unclearSince ?? (outcome.status === 'unknown' ? claimedAt : undefined)
    const unclear = unclearSince === undefined ? {} : { unclearSince }
    const ended = (state: 'rejected' | 'unknown' | 'dead', why: string): Written => ({
      key,
      settlement: { state, at, reason: why, ...unclear },
      letter: { at, stage: 'channel', plugin: plugin.name, key, reason: why, attempts, version: engine.fingerprint },
    })
    if (outcome.status === 'rejected') return ended('rejected', reason)
    const notBefore = at + waitFor(outcome.status === 'retry' ? outcome.afterMs : undefined, backoff(attempts, random), random)
    if (unclearSince !== undefined && !maySendAgain(channel, unclearSince, notBefore)) return ended('unknown', reason)
    const isOld = at - message.decidedAt >= GIVE_UP_AFTER && attempts >= LEAST_ATTEMPTS
    if (isOld) return ended(unclearSince === undefined ? 'dead' : 'unknown', `given up after ${attempts} attempts: ${reason}`)
    return { key, settlement: { state: 'queued', at, reason, notBefore, ...unclear } }
  }

  const loop = createWorkLoop(effects, work, (error) => context.log.error('delivery stopped for a moment', { channel: channel.name, error: messageOf(error) }))
  return {
    ...loop,
    claimDecided,
    async start() {
      // What another process had under way when it ended it has no more: one process writes.
      await store.transaction((tx) => tx.endLeases(channel.name))
      isStarted = true
      loop.wake()
    },
    async status() {
      return { plugin: plugin.name, stage: 'channel', breaker: breaker.status, ...(await channelLag(store, channel.name, clock.now())) }
    },
  }
}
