import { createHmac, randomBytes } from 'node:crypto'
import type { CanonicalEvent, IdentityKey, Store, Transaction } from '@waymark/core'
import { keysOf, keysOfName, userKey, visitorKey } from './identity.ts'

/** The cursor that has the key of the hashes. */
const SECRET = 'tombstone-key'
/** Ids known to be nobody's who was erased, so that active users are not hashed again with each event. */
const CLEARED = 50_000

/** Who is not taken in or given out any more. */
export interface Erased {
  has(key: IdentityKey): boolean
  /** The event without erased ids that stand beside another; undefined where it is of somebody who was erased. */
  without(event: CanonicalEvent): CanonicalEvent | undefined
}

export const NOBODY: Erased = { has: () => false, without: (event) => event }

/**
 * The ids of people who were erased, as hashes keyed with a random key of this store: they say of an id somebody comes with whether it is one of
 * them, and nothing without it. The key lies beside them, so whoever has the whole store can try out ids, as the host does; nobody else can.
 */
export interface Tombstones extends Erased {
  /**
   * Hashes, for a request; within the transaction the request is written in. They hold from before its commit, so that nothing is taken in between
   * the two; when it fails, `read` says what is.
   */
  bury(keys: readonly IdentityKey[], profile: string, tx: Transaction): Promise<{ readonly keys: readonly string[]; readonly person: string }>
  /** The persons a name somebody types may stand for. */
  personsOf(name: string): readonly string[]
  /** Reads them from the store, as they stand there now. */
  read(): Promise<void>
}

export function createTombstones(store: Store): Tombstones {
  let secret: string | undefined
  let persons = new Map<string, string>()
  const cleared = new Set<string>()

  function hash(text: string): string {
    return createHmac('sha256', secret ?? '')
      .update(text)
      .digest('hex')
  }

  function has(key: IdentityKey): boolean {
    if (persons.size === 0 || cleared.has(key)) return false
    if (persons.has(hash(key))) return true
    if (cleared.size >= CLEARED) cleared.clear()
    cleared.add(key)
    return false
  }

  return {
    has,
    without(event) {
      if (persons.size === 0) return event
      const { userId, anonymousId, previousId, ...rest } = event
      const isVisitorGone = anonymousId !== undefined && has(visitorKey(anonymousId))
      if (userId === undefined ? isVisitorGone : has(userKey(userId))) return undefined
      const isPreviousGone = previousId !== undefined && keysOfName(previousId).some(has)
      if (!isVisitorGone && !isPreviousGone) return event
      return {
        ...rest,
        ...(userId === undefined ? {} : { userId }),
        ...(anonymousId === undefined || isVisitorGone ? {} : { anonymousId }),
        ...(previousId === undefined || isPreviousGone ? {} : { previousId }),
      }
    },
    async bury(keys, profile, tx) {
      secret ??= randomBytes(32).toString('hex')
      await tx.setCursor(SECRET, secret)
      const [hashes, person] = [keys.map(hash), hash(`profile:${profile}`)]
      for (const key of hashes) if (!persons.has(key)) persons.set(key, person)
      cleared.clear()
      return { keys: hashes, person }
    },
    personsOf: (name) => (secret === undefined ? [] : [...new Set(keysOfName(name).flatMap((key) => persons.get(hash(key)) ?? []))]),
    async read() {
      secret = (await store.cursor(SECRET)) ?? secret
      persons = new Map((await store.tombstones()).map(({ key, person }) => [key, person]))
      cleared.clear()
    },
  }
}

/** Whether any id of the event is one of theirs. */
export function namesErased(event: CanonicalEvent, erased: Erased): boolean {
  return keysOf(event).some((key) => erased.has(key)) || (event.previousId !== undefined && keysOfName(event.previousId).some((key) => erased.has(key)))
}
