import { ANONYMOUS, type CanonicalEvent, type Identity, type IdentityKey, type Transaction } from '@waymark/core'

export interface Resolved {
  readonly profile: string
  /** Profiles that this event showed to be the same person. */
  readonly merged: readonly string[]
}

/**
 * Finds whose event each is. A user's profile is named by the user id, a visitor's by `anon:` and the anonymous id, so
 * names do not depend on the order of arrival. A visitor becomes a user's by the first event that carries both ids; an
 * anonymous id that already is one user's stays theirs when another user signs in on the same device.
 */
export async function resolveIdentities(events: readonly CanonicalEvent[], tx: Transaction, now: number): Promise<readonly Resolved[]> {
  const keys = new Set(events.flatMap((event) => [...keysOf(event), ...(event.previousId === undefined ? [] : previousKeys(event.previousId))]))
  const known = new Map(await tx.profilesOf([...keys]))
  const resolved: Resolved[] = []
  for (const event of events) resolved.push(await resolve(event, known, tx, now))
  return resolved
}

async function resolve(event: CanonicalEvent, known: Map<IdentityKey, string>, tx: Transaction, now: number): Promise<Resolved> {
  const user = event.userId === undefined ? undefined : userKey(event.userId)
  const visitor = event.anonymousId === undefined ? undefined : visitorKey(event.anonymousId)
  const merged: string[] = []

  async function belong(key: IdentityKey, profile: string): Promise<void> {
    await tx.link([key], profile)
    known.set(key, profile)
  }
  async function merge(from: string, into: string): Promise<void> {
    await tx.merge(from, into, now)
    for (const [key, profile] of known) if (profile === from) known.set(key, into)
    merged.push(from)
  }

  if (user === undefined) {
    const key = visitor as IdentityKey
    const profile = known.get(key) ?? ANONYMOUS + event.anonymousId
    if (!known.has(key)) await belong(key, profile)
    return { profile, merged }
  }

  const profile = known.get(user) ?? (event.userId as string)
  if (!known.has(user)) await belong(user, profile)
  if (visitor !== undefined) {
    const owner = known.get(visitor)
    if (owner === undefined) await belong(visitor, profile)
    else if (owner !== profile && owner.startsWith(ANONYMOUS)) await merge(owner, profile)
  }
  if (event.type === 'alias' && event.previousId !== undefined) {
    for (const key of previousKeys(event.previousId)) {
      const previous = known.get(key)
      if (previous === undefined) await belong(key, profile)
      else if (previous !== profile) await merge(previous, profile)
    }
  }
  return { profile, merged }
}

export function keysOf(identity: Identity): readonly IdentityKey[] {
  const keys: IdentityKey[] = []
  if (identity.userId !== undefined) keys.push(userKey(identity.userId))
  if (identity.anonymousId !== undefined) keys.push(visitorKey(identity.anonymousId))
  return keys
}

/** A name somebody types may be a user id, an anonymous id or a profile's own name. */
export function keysOfName(name: string): readonly IdentityKey[] {
  return [userKey(name), visitorKey(name.startsWith(ANONYMOUS) ? name.slice(ANONYMOUS.length) : name)]
}

const previousKeys = keysOfName

function userKey(id: string): IdentityKey {
  return `user:${id}`
}

function visitorKey(id: string): IdentityKey {
  return `anonymous:${id}`
}
