import { ANONYMOUS, type CanonicalEvent, type IdentityKey, type Json, type JsonObject, type WarehouseTable } from '@waymark/core'

/** The source under which a host tells what it found out itself. */
const WAYMARK = 'waymark'
/** What the trait that tells of a segment begins with. */
const MEMBERSHIP = 'waymark_'
const DECISION = 'waymark_decision'
/** A `Date` reaches this far from the epoch, in milliseconds. */
const LAST_MOMENT = 8.64e15

/** A row of a table by its columns, but for `profile`, which the warehouse adds: it knows whose `owner` is. JSON is text already. */
export interface WarehouseDraft {
  readonly table: WarehouseTable
  readonly owner: IdentityKey
  readonly values: Readonly<Record<string, string | number | null>>
}

/** The rows that stand for an event (several for several memberships), or why there can be none. */
export function warehouseRows(event: CanonicalEvent): { readonly rows: readonly WarehouseDraft[] } | { readonly reason: string } {
  const owner = ownerOf(event)
  if (owner === undefined) return { reason: 'no userId and no anonymousId: nobody can be told from it' }
  if (!(Math.abs(event.timestamp) <= LAST_MOMENT)) return { reason: `timestamp: ${event.timestamp} is no moment` }
  const common = {
    source: event.source,
    message_id: event.messageId,
    user_id: event.userId ?? null,
    anonymous_id: event.anonymousId ?? null,
    ts: event.timestamp,
    day: new Date(event.timestamp).toISOString().slice(0, -14),
  }
  const drafts = learned(event) ?? [{ table: 'events', values: ofEvent(event) } as const]
  const rows = drafts.map(({ table, values }) => ({ table, owner, values: { ...common, ...values } }))
  for (const { values } of rows) {
    // The day and JSON are well-formed by now; what is left are ids and names, of which no two may become one.
    const broken = Object.entries(values).find(([, value]) => typeof value === 'string' && !value.isWellFormed())
    if (broken !== undefined) return { reason: `${broken[0]}: holds half of a surrogate pair, which UTF-8 cannot write` }
  }
  return { rows }
}

/** The id whose owner a row belongs to. */
function ownerOf({ userId, anonymousId }: CanonicalEvent): IdentityKey | undefined {
  if (userId !== undefined) return `user:${userId}`
  return anonymousId === undefined ? undefined : `anonymous:${anonymousId}`
}

/** The profile that an id alone makes. */
export function profileNamed(key: IdentityKey): string {
  return key.startsWith('user:') ? key.slice('user:'.length) : ANONYMOUS + key.slice('anonymous:'.length)
}

/** The id that gave a profile its name. */
export function keyOfProfile(profile: string): IdentityKey {
  return profile.startsWith(ANONYMOUS) ? `anonymous:${profile.slice(ANONYMOUS.length)}` : `user:${profile}`
}

function ofEvent(event: CanonicalEvent): WarehouseDraft['values'] {
  return {
    type: event.type,
    event: event.event ?? null,
    name: event.name ?? null,
    previous_id: event.previousId ?? null,
    group_id: event.groupId ?? null,
    received_at: event.receivedAt,
    properties: jsonText(event.properties),
    traits: jsonText(event.traits),
    context: jsonText(event.context),
    integrations: jsonText(event.integrations),
  }
}

type Learned = Pick<WarehouseDraft, 'table' | 'values'>

function learned({ source, type, event, traits, properties }: CanonicalEvent): readonly Learned[] | undefined {
  if (source !== WAYMARK) return undefined
  if (type === 'track' && event === DECISION) {
    const column = (name: string) => textOr(properties[name])
    const values = { rule: column('rule'), outcome: column('outcome'), guard: column('guard'), key: column('key'), properties: jsonText(properties) }
    return [{ table: 'decisions', values }]
  }
  const told = Object.entries(traits).filter(([name]) => name.startsWith(MEMBERSHIP))
  if (type !== 'identify' || told.length === 0) return undefined
  return told.map(([name, member]) => ({ table: 'memberships', values: { segment: name.slice(MEMBERSHIP.length), member: textOr(member) } }))
}

function textOr(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** JSON that every engine reads: half of a surrogate pair, which only JavaScript writes, becomes U+FFFD. */
function jsonText(value: JsonObject): string {
  const text = JSON.stringify(value)
  // JSON.stringify escapes a surrogate only where it stands alone.
  return text.includes('\\ud') ? text.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) => (found === '\\\\' ? found : '\\ufffd')) : text
}
