import type { CanonicalEvent, Json, JsonObject, PluginContext, Source, SourcePage } from '@waymark/core'
import { isObject } from '@waymark/core'
import { sanitize, sha256 } from '@waymark/kit'
import type { UserRecord } from 'firebase-admin/auth'
import type { GoogleClients } from '../google/clients.ts'

export interface AuthOptions {
  /** Milliseconds between two listings of all users. Default 15 minutes. */
  readonly every?: number
  /** The name of the event for a user who is no longer there. Default `account_deleted`; false: none. */
  readonly removed?: string | false
  /** Users a page, 1,000 at most, which is the default. */
  readonly pageUsers?: number
}

interface Said {
  readonly digest: string
  readonly messageId: string
}

const QUARTER = 15 * 60_000
/** The SDK refuses more. */
const PAGE_USERS = 1000

/**
 * The users of Firebase Authentication, listed again and again, since it has no stream of changes: an identify for each who is new or changed. Somebody
 * who was there at one listing and is not at the next, in the same process, has been deleted.
 */
export function authSource(
  clients: GoogleClients,
  source: string,
  { every = QUARTER, removed = 'account_deleted', pageUsers = PAGE_USERS }: AuthOptions,
): Source {
  /** What was last said of each user. */
  let known = new Map<string, Said>()

  async function* pull(cursor: Json | undefined, context: PluginContext): AsyncIterable<SourcePage> {
    const auth = await clients.auth()
    let token = isObject(cursor) && typeof cursor['token'] === 'string' ? cursor['token'] : undefined
    // A listing that began elsewhere does not show everybody.
    const isWhole = token === undefined
    const listed = new Map<string, Said>()
    do {
      const page = await auth.listUsers(Math.min(pageUsers, PAGE_USERS), token)
      token = page.pageToken === '' ? undefined : page.pageToken
      const events = page.users.flatMap((user): CanonicalEvent[] => {
        const before = known.get(user.uid)
        const traits = traitsOf(user)
        const digest = sha256(JSON.stringify(traits))
        if (before?.digest === digest) {
          listed.set(user.uid, before)
          return []
        }
        // What a user returns to is news, though the same was said once before.
        const messageId = sha256(JSON.stringify(['auth', user.uid, digest, before?.messageId ?? null]))
        listed.set(user.uid, { digest, messageId })
        return [{ ...empty(user.uid, source, context.clock.now()), type: 'identify', messageId, traits }]
      })
      yield { events, cursor: token === undefined ? {} : { token }, progress: `${listed.size} users` }
    } while (token !== undefined)
    if (!isWhole) return
    const gone = removed === false ? [] : [...known].filter(([uid]) => !listed.has(uid))
    if (gone.length > 0) yield { events: gone.map(([uid, last]) => deleted(uid, last, removed as string, source, context.clock.now())), cursor: {} }
    known = listed
  }

  return { name: 'auth', every, pull }
}

function traitsOf(user: UserRecord): JsonObject {
  const { email, emailVerified, displayName, phoneNumber, photoURL, disabled, metadata, customClaims, providerData } = user
  return sanitize({
    email,
    emailVerified,
    name: displayName,
    phone: phoneNumber,
    avatar: photoURL,
    disabled,
    createdAt: iso(metadata.creationTime),
    lastSignInAt: iso(metadata.lastSignInTime),
    providers: providerData.map(({ providerId }) => providerId),
    ...(customClaims === undefined || Object.keys(customClaims).length === 0 ? {} : { claims: customClaims }),
  }) as JsonObject
}

function deleted(uid: string, { messageId }: Said, event: string, source: string, now: number): CanonicalEvent {
  return { ...empty(uid, source, now), type: 'track', event, messageId: sha256(JSON.stringify(['auth', 'deleted', uid, messageId])) }
}

function empty(uid: string, source: string, now: number): Omit<CanonicalEvent, 'type' | 'messageId'> {
  return { userId: uid, timestamp: now, receivedAt: now, properties: {}, traits: {}, context: {}, integrations: {}, source }
}

/** The SDK writes times as in `Tue, 05 May 2026 …`. */
function iso(time: string | null | undefined): string | undefined {
  const at = Date.parse(time ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}
