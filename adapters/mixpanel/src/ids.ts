import { sha256 } from '@waymark/kit'
import { TEXT_BYTES } from './limits.ts'

/** What Mixpanel puts before the id of a device where a user's id may stand too. */
export const DEVICE = '$device:'

/** Ids that Mixpanel refuses, in small letters. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  ...['', '00000000-0000-0000-0000-000000000000', 'anon', 'anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '<nil>'],
  ...['0', '-1', 'true', 'false', '[]', '{}'],
])

const INSERT_ID = /^[A-Za-z0-9-]{1,36}$/
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Why Mixpanel would not take an id; undefined when it would. */
export function idTrouble(field: 'userId' | 'anonymousId', id: string): string | undefined {
  if (FORBIDDEN.has(id.trim().toLowerCase())) return `${field}: Mixpanel refuses '${id}' as an id`
  if (field === 'userId' && id.startsWith(DEVICE)) return `userId: '${DEVICE}' before an id means a device to Mixpanel`
  // Cut off, two users would become one.
  if (Buffer.byteLength(id) > TEXT_BYTES - DEVICE.length) return `${field}: Mixpanel keeps ${TEXT_BYTES} bytes of an id, and this one has more`
  return undefined
}

export function isUuidV4(id: string): boolean {
  return UUID_V4.test(id)
}

/** The `$insert_id` of an event: its message id where that is one, else what its SHA-256 begins with. Always the same. */
export function insertId(messageId: string): string {
  return INSERT_ID.test(messageId) && !FORBIDDEN.has(messageId.toLowerCase()) ? messageId : sha256(messageId).slice(0, 36)
}

/** The message id of what came from Mixpanel: its events are one event when these four are the same. `time` in epoch milliseconds. */
export function messageIdOf(event: string, distinctId: unknown, time: number, insert: string): string {
  return sha256(JSON.stringify([event, distinctId ?? '', time, insert]))
}

/** Whom an id of Mixpanel names. */
export function nameOf(distinctId: unknown): { readonly userId?: string; readonly anonymousId?: string } {
  const id = textOf(distinctId)
  if (id === undefined) return {}
  return id.startsWith(DEVICE) ? { anonymousId: id.slice(DEVICE.length) } : { userId: id }
}

/** An id as text; undefined when there is none. */
export function textOf(id: unknown): string | undefined {
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : undefined
}
