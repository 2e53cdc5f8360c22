import type { CanonicalEvent, EventType } from '@waymark/core'
import { at } from '@waymark/kit'
import type { StreamKind } from './measurement/measurement.ts'

/*
 * The mapping as a table, read both ways. A track event keeps its name, made valid, and its properties are parameters. An identify
 * has no event at Google: its traits are user properties, which ride on the user's next event. An alias has none either: events carry both ids.
 */

export interface Row {
  readonly type: EventType
  /** The event's name at Google. */
  readonly name: Readonly<Record<StreamKind, string>>
  /** Names that come in as this kind too: those that only Google's own SDKs may send. */
  readonly also: readonly string[]
  /** Our field <- parameters it is read from, best first; it is sent as the first of them. */
  readonly fields: Readonly<Record<string, readonly [string, ...string[]]>>
  /** Where all other parameters belong. */
  readonly rest: 'properties' | 'traits'
}

export const TRACK: Omit<Row, 'name'> = { type: 'track', also: [], fields: {}, rest: 'properties' }

export const ROWS: readonly Row[] = [
  {
    type: 'page',
    name: { web: 'page_view', app: 'page_viewed' },
    also: [],
    fields: { name: ['page_name'], 'properties.url': ['page_location'], 'properties.title': ['page_title'], 'properties.referrer': ['page_referrer'] },
    rest: 'properties',
  },
  {
    type: 'screen',
    name: { web: 'screen_viewed', app: 'screen_viewed' },
    also: ['screen_view'],
    fields: { name: ['screen_name', 'firebase_screen', 'firebase_screen_class'] },
    rest: 'properties',
  },
  { type: 'group', name: { web: 'join_group', app: 'join_group' }, also: [], fields: { groupId: ['group_id'] }, rest: 'traits' },
]

/** Category of `context.consent.categoryPreferences` -> Google's kind of consent, best first. */
export const CONSENT: Readonly<Record<'ad_user_data' | 'ad_personalization', readonly string[]>> = {
  ad_user_data: ['ad_user_data', 'marketing'],
  ad_personalization: ['ad_personalization', 'marketing'],
}

/** Carries user properties that no other event follows. Sent by the sink, and read back as nothing. */
export const CARRIER = 'profile_updated'

/** What stands for a trait that is null: a user property cannot be taken back. */
export const NO_VALUE = 'none'

const INCOMING: ReadonlyMap<string, Row> = new Map(ROWS.flatMap((row) => [row.name.web, row.name.app, ...row.also].map((name) => [name, row] as const)))
const OUTGOING: ReadonlyMap<EventType, Row> = new Map(ROWS.map((row) => [row.type, row]))

export function rowOfName(name: string): Row | undefined {
  return INCOMING.get(name)
}

export function rowOfType(type: EventType): Row | undefined {
  return OUTGOING.get(type)
}

/** Splits parameters into the fields the row names and the rest. */
export function fieldsOf(
  params: Readonly<Record<string, unknown>>,
  { fields, rest }: Omit<Row, 'name'>,
): Partial<Record<'name' | 'groupId' | 'properties' | 'traits', unknown>> {
  const remaining = { ...params }
  const top: Record<string, unknown> = {}
  const inner: Record<string, unknown> = {}
  for (const [path, names] of Object.entries(fields)) {
    const name = names.find((one) => typeof remaining[one] === 'string' || typeof remaining[one] === 'number')
    if (name === undefined) continue
    const key = path.slice(path.indexOf('.') + 1)
    ;(path.includes('.') ? inner : top)[key] = remaining[name]
    delete remaining[name]
  }
  return { ...top, [rest]: { ...remaining, ...inner } }
}

/** The parameters an event has by the row, before their names and values are made fit; the fields first. */
export function paramsOf(event: CanonicalEvent, { fields, rest }: Omit<Row, 'name'>): readonly (readonly [string, unknown])[] {
  const named = Object.entries(fields).map(([path, [param]]) => [path, param] as const)
  const taken = named.flatMap(([path]) => (path.startsWith(`${rest}.`) ? [path.slice(rest.length + 1)] : []))
  const others = Object.entries(event[rest]).filter(([key]) => !taken.includes(key))
  return [...named.map(([path, param]) => [param, at(event, path)] as const), ...others]
}
