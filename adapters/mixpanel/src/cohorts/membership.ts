import type { Json } from '@waymark/core'
import { isObject } from '@waymark/core'

/** One page of a cohort sync, as the webhook brings it. */
export interface SyncPage {
  readonly action: 'members' | 'add_members' | 'remove_members'
  readonly cohort: string
  readonly name: string
  readonly session: string
  /** From 1 to `pages`. */
  readonly page: number
  readonly pages: number
  readonly members: readonly Member[]
}

export interface Member {
  readonly id: string
  readonly traits: Readonly<Record<string, string>>
}

/** Who is in which cohort, and the pages of full syncs whose others are not here yet. Plain JSON, kept as the cursor of the source. */
export interface Memberships {
  readonly cohorts: Readonly<Record<string, readonly string[]>>
  readonly partial: Readonly<Record<string, { readonly session: string; readonly pages: Readonly<Record<string, readonly Member[]>> }>>
}

/** A member who came or left. */
export interface Change {
  readonly member: Member
  readonly isIn: boolean
}

const NONE: Memberships = { cohorts: {}, partial: {} }

/**
 * What a page changes. A full sync (`members`) takes effect when all pages of its session are here, in whatever order, and then as a whole: who is on none of
 * them has left. The others are differences and take effect at once. A page that comes again changes nothing.
 */
export function applyPage(before: Memberships, page: SyncPage): { readonly after: Memberships; readonly changes: readonly Change[] } {
  if (page.action !== 'members') {
    const isIn = page.action === 'add_members'
    const ids = new Set(before.cohorts[page.cohort] ?? [])
    for (const { id } of page.members) isIn ? ids.add(id) : ids.delete(id)
    return { after: { ...before, cohorts: { ...before.cohorts, [page.cohort]: [...ids] } }, changes: page.members.map((member) => ({ member, isIn })) }
  }
  const begun = before.partial[page.cohort]
  const pages: Readonly<Record<string, readonly Member[]>> = { ...(begun?.session === page.session ? begun.pages : {}), [page.page]: page.members }
  if (Object.keys(pages).length < page.pages) {
    return { after: { ...before, partial: { ...before.partial, [page.cohort]: { session: page.session, pages } } }, changes: [] }
  }
  const members = Object.values(pages).flat()
  const ids = new Set(members.map(({ id }) => id))
  const left = (before.cohorts[page.cohort] ?? []).filter((id) => !ids.has(id))
  const { [page.cohort]: _, ...partial } = before.partial
  return {
    after: { cohorts: { ...before.cohorts, [page.cohort]: [...ids] }, partial },
    changes: [...left.map((id) => ({ member: { id, traits: {} }, isIn: false })), ...members.map((member) => ({ member, isIn: true }))],
  }
}

export function membershipsIn(cursor: Json | undefined): Memberships {
  return isObject(cursor) && isObject(cursor['cohorts']) && isObject(cursor['partial']) ? (cursor as unknown as Memberships) : NONE
}

const MEMBER_TRAITS: Readonly<Record<string, string>> = { email: 'email', first_name: 'firstName', last_name: 'lastName', phone: 'phone' }

/** Reads a call of the webhook; the reason when it is none. */
export function readSync(body: unknown): SyncPage | { readonly reason: string } {
  const action = isObject(body) ? body['action'] : undefined
  if (action !== 'members' && action !== 'add_members' && action !== 'remove_members')
    return { reason: 'action: not one of members, add_members, remove_members' }
  const parameters = (body as Record<string, unknown>)['parameters']
  if (!isObject(parameters) || !Array.isArray(parameters['members'])) return { reason: 'parameters.members: expected an array' }
  const cohort = parameters['mixpanel_cohort_id']
  if (typeof cohort !== 'string' && typeof cohort !== 'number') return { reason: 'parameters.mixpanel_cohort_id: missing' }
  const info = isObject(parameters['page_info']) ? parameters['page_info'] : {}
  return {
    action,
    cohort: String(cohort),
    name: String(parameters['mixpanel_cohort_name'] ?? cohort),
    session: String(parameters['mixpanel_session_id'] ?? ''),
    page: Number(info['page_count'] ?? 1),
    pages: Number(info['total_pages'] ?? 1),
    members: (parameters['members'] as unknown[]).flatMap(memberOf),
  }
}

function memberOf(member: unknown): readonly Member[] {
  const id = isObject(member) ? member['mixpanel_distinct_id'] : undefined
  if (!isObject(member) || (typeof id !== 'string' && typeof id !== 'number') || id === '') return []
  const traits = Object.entries(MEMBER_TRAITS).flatMap(([theirs, trait]) =>
    typeof member[theirs] === 'string' && member[theirs] !== '' ? [[trait, member[theirs]]] : [],
  )
  return [{ id: String(id), traits: Object.fromEntries(traits) as Record<string, string> }]
}
