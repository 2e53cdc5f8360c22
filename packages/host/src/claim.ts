import type { Engine, Message, Plugin, Profile, Standing, Transaction } from '@waymark/core'
import { keyOfProfile } from './identity.ts'
import type { SoFar } from './joined.ts'
import type { Erased } from './tombstones.ts'
import { maySendAgain, whyNotAgain } from './unclear.ts'

export interface Claimed {
  readonly message: Message
  readonly profile: Profile
}

/** Takes messages out of the outbox for one channel. */
export interface Claims {
  /** At most `room` of what is due and not under way, from within a commit. */
  take(tx: Transaction, so: Pick<SoFar, 'load'>, now: number, room: number, underWay: ReadonlySet<string>): Promise<Taken>
  /** Hears that what was taken last is on disk, and about to be sent. */
  heard(): void
  /** Nobody has heard of what was taken last: its commit failed, and may be on disk all the same. The next `take` gives it back first. */
  readonly isUnsure: boolean
}

export interface Taken {
  /** What was due and not under way, also what turned out not to go. */
  readonly looked: number
  readonly claimed: readonly Claimed[]
  /** They will not go, and nobody has them. */
  readonly cancelled: readonly Message[]
}

const GONE = { stands: false, reason: 'its user is no longer there' } as const

/**
 * Whether a message should still go is decided again in the very transaction that claims it: consent, condition, quiet hours. What an
 * earlier attempt may have brought already, because nobody knows how it ended or the host died while it was under way, goes again only
 * if the receiver drops the second.
 */
export function createClaims(
  { name, channel }: Plugin & { readonly channel: NonNullable<Plugin['channel']> },
  { engine, lease, erased }: { readonly engine: Engine; readonly lease: number; readonly erased: Erased },
): Claims {
  /** Claimed, and not known to be on disk. */
  const unheard = new Map<string, Message>()

  /** Nobody was sent these: they stand in line as before they were claimed. */
  async function giveBack(tx: Transaction, now: number): Promise<void> {
    for (const { key, reason, notBefore, unclearSince } of unheard.values()) {
      const before = { ...(reason === undefined ? {} : { reason }), ...(unclearSince === undefined ? {} : { unclearSince }) }
      await tx.settle(key, { state: 'queued', at: now, notBefore, ...before })
    }
  }

  async function park(tx: Transaction, message: Message, at: number, why: string): Promise<void> {
    const { key, attempts, unclearSince } = message
    const reason = message.reason === undefined ? why : `${message.reason}; ${why}`
    await tx.settle(key, { state: 'unknown', at, reason, ...(unclearSince === undefined ? {} : { unclearSince }) })
    await tx.deadLetter([{ at, stage: 'channel', plugin: name, key, reason, attempts, version: engine.fingerprint }])
  }

  /** Settles what should not go now. */
  async function judge(tx: Transaction, message: Message, profile: Profile | undefined, now: number): Promise<Claimed | 'cancelled' | 'kept'> {
    const { key, unclearSince } = message
    if (unclearSince !== undefined && !maySendAgain(channel, unclearSince, now)) {
      await park(tx, message, now, whyNotAgain(channel))
      return 'kept'
    }
    const standing: Standing = profile === undefined || erased.has(keyOfProfile(profile.id)) ? GONE : engine.stands(profile, message, now)
    if (!standing.stands && unclearSince !== undefined) {
      await park(tx, message, now, `it may have arrived, and is not sent again: ${standing.reason}`)
      return 'kept'
    }
    if (!standing.stands || profile === undefined) {
      await tx.settle(key, { state: 'cancelled', at: now, reason: (standing.stands ? GONE : standing).reason })
      return 'cancelled'
    }
    if (standing.notBefore === undefined) return { message, profile }
    const unclear = unclearSince === undefined ? {} : { unclearSince }
    await tx.settle(key, { state: 'queued', at: now, reason: 'quiet hours', notBefore: standing.notBefore, ...unclear })
    return 'kept'
  }

  return {
    get isUnsure() {
      return unheard.size > 0
    },
    heard: () => unheard.clear(),
    async take(tx, so, now, room, underWay) {
      await giveBack(tx, now)
      const due = (await tx.due(channel.name, now, room)).filter(({ key }) => !underWay.has(key))
      const held = await so.load([...new Set(due.map((message) => message.profile))])
      const claimed: Claimed[] = []
      const cancelled: Message[] = []
      for (const message of due) {
        const judged = await judge(tx, message, held.get(message.profile)?.profile, now)
        if (judged === 'cancelled') cancelled.push(message)
        else if (judged !== 'kept') claimed.push(judged)
      }
      const keys = claimed.map(({ message }) => message.key)
      if (keys.length > 0) await tx.lease(keys, now + lease, now)
      for (const { message } of claimed) unheard.set(message.key, message)
      return { looked: due.length, claimed, cancelled }
    },
  }
}
