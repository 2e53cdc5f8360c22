import { ANONYMOUS, type Identity, type IdentityKey } from '@waymark/core'

export function keysOf(identity: Identity): readonly IdentityKey[] {
  const keys: IdentityKey[] = []
  if (identity.userId !== undefined) keys.push(userKey(identity.userId))
  if (identity.anonymousId !== undefined) keys.push(visitorKey(identity.anonymousId))
  return keys
}

/** A name somebody types may be a user id, an anonymous id or a profile's own name. */
export function keysOfName(name: string): readonly [IdentityKey, IdentityKey] {
  return [userKey(name), visitorKey(name.startsWith(ANONYMOUS) ? name.slice(ANONYMOUS.length) : name)]
}

export function userKey(id: string): IdentityKey {
  return `user:${id}`
}

export function visitorKey(id: string): IdentityKey {
  return `anonymous:${id}`
}

/** The id that gave a profile its name. */
export function keyOfProfile(name: string): IdentityKey {
  return name.startsWith(ANONYMOUS) ? visitorKey(name.slice(ANONYMOUS.length)) : userKey(name)
}

/** The name of the profile that an id alone makes. */
export function profileNamed(key: IdentityKey): string {
  return isUserKey(key) ? key.slice('user:'.length) : ANONYMOUS + key.slice('anonymous:'.length)
}

export function isUserKey(key: IdentityKey): boolean {
  return key.startsWith('user:')
}
