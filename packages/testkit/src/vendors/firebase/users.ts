import { isObject } from '@waymark/core'
import type { VendorAnswer, VendorRequest } from '../vendor-server.ts'

/** A user as the REST API of Firebase Authentication gives it. */
export interface AuthUser {
  readonly localId: string
  readonly email?: string
  readonly displayName?: string
  readonly disabled?: boolean
  /** Epoch milliseconds as text. */
  readonly createdAt?: string
  readonly lastLoginAt?: string
  /** JSON. */
  readonly customAttributes?: string
}

/** The Auth emulator's `accounts:batchGet`, `accounts:lookup` and `accounts:delete`. */
export function accounts({ path, query, json }: VendorRequest, users: Map<string, AuthUser>): VendorAnswer {
  const body = isObject(json) ? json : {}
  if (path.endsWith(':batchGet')) {
    const from = Number(query.get('nextPageToken') ?? 0)
    const to = from + Number(query.get('maxResults') ?? 20)
    const all = [...users.values()]
    return { status: 200, body: { users: all.slice(from, to), ...(to < all.length ? { nextPageToken: String(to) } : {}) } }
  }
  if (path.endsWith(':lookup')) {
    const found = (Array.isArray(body['localId']) ? body['localId'] : []).flatMap((id: unknown) => users.get(String(id)) ?? [])
    return { status: 200, body: found.length === 0 ? {} : { users: found } }
  }
  if (path.endsWith(':delete') && users.delete(String(body['localId']))) return { status: 200, body: {} }
  return { status: 400, body: { error: { code: 400, message: 'USER_NOT_FOUND' } } }
}
