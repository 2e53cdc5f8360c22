import { ANONYMOUS, type Identity, type IdentityKey, WaymarkError } from '@waymark/core'

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

/** The name to ask for somebody by who goes by one of these ids. */
export function nameOf(identity: Identity): string {
  const [key] = keysOf(identity)
  if (key === undefined) throw new WaymarkError('IDENTITY_MISSING', 'there is neither a userId nor an anonymousId', { mend: 'name one of the two' })
  return profileNamed(key)
}

export function isUserKey(key: IdentityKey): boolean {
  return key.startsWith('user:')
}
