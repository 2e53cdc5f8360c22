import type { Facts, List } from '../behaviour/evaluate/predicate.ts'
import type { Decision, MembershipChange } from '../decision.ts'
import type { Profile, Send } from '../profile.ts'
import { AS_OF, nextWakeIn, WAKES } from './cells.ts'
import type { CompiledDefinition } from './definition.ts'
import type { Pages } from './verdict.ts'

/** `silent`: rules that become true are noted, and nothing is decided. */
export type Mode = 'decide' | 'silent'

const NO_RULES: ReadonlySet<string> = new Set()

/**
 * Steps under way: a profile whose pages are copied when they are first written to, and otherwise shared with the one it came
 * from. What it was is never changed. A plain object, since one is made for every event.
 */
export interface Draft extends Pages, Facts {
  readonly mode: Mode
  /** Rules that are silent whatever the mode. */
  muted: ReadonlySet<string>
  /** What time alone brought about before this moment is not sent for. */
  freshFrom: number
  readonly id: string
  /** Nothing has been taken in yet. */
  isNew: boolean
  userId: Profile['userId']
  traits: Profile['traits']
  consent: Profile['consent']
  timezone: Profile['timezone']
  tie: string
  /** Id of the event that is taken in; undefined while time alone passes. */
  cause: string | undefined
  sends: readonly Send[]
  /** Page 0. */
  header: readonly number[]
  readonly pages: (readonly number[] | null)[]
  readonly pagesBefore: Profile['pages']
  lists: readonly (List | null)[]
  readonly listsBefore: Profile['lists']
  decisions: readonly Decision[]
  changes: readonly MembershipChange[]
}

// Shared by all that have none. Not frozen: frozen objects are of another kind to the machine, which then reads both more slowly.
const NO_FACTS = {}
const NO_LISTS: readonly (List | null)[] = []
const NO_SENDS: readonly Send[] = []
const NO_DECISIONS: readonly Decision[] = []
const NO_CHANGES: readonly MembershipChange[] = []

export function newDraft({ templates }: CompiledDefinition, id: string, mode: Mode): Draft {
  const pagesBefore = templates.map(() => null)
  return {
    mode,
    muted: NO_RULES,
    freshFrom: Number.NEGATIVE_INFINITY,
    id,
    isNew: true,
    userId: undefined,
    traits: NO_FACTS,
    consent: NO_FACTS,
    timezone: undefined,
    tie: '',
    cause: undefined,
    sends: NO_SENDS,
    header: templates[0] as readonly number[],
    pages: pagesBefore.slice(),
    pagesBefore,
    templates,
    lists: NO_LISTS,
    listsBefore: NO_LISTS,
    decisions: NO_DECISIONS,
    changes: NO_CHANGES,
  }
}

export function draftOf({ templates }: CompiledDefinition, profile: Profile, mode: Mode): Draft {
  const { id, userId, traits, consent, timezone, tie, sends, pages, lists } = profile
  return {
    mode,
    muted: NO_RULES,
    freshFrom: Number.NEGATIVE_INFINITY,
    id,
    isNew: false,
    userId,
    traits,
    consent,
    timezone,
    tie,
    cause: undefined,
    sends,
    header: pages[0] ?? (templates[0] as readonly number[]),
    pages: pages.slice(),
    pagesBefore: pages,
    templates,
    lists,
    listsBefore: lists,
    decisions: NO_DECISIONS,
    changes: NO_CHANGES,
  }
}

/** The page for writing. */
export function writePage(draft: Draft, index: number): number[] {
  const there = draft.pages[index] ?? null
  if (there !== null && there !== draft.pagesBefore[index]) return there as number[]
  const copy = (there ?? (draft.templates[index] as readonly number[])).slice()
  draft.pages[index] = copy
  if (index === 0) draft.header = copy
  return copy
}

/** The lists for writing: each may be replaced, and is itself not to be changed but by appending. */
export function writeLists(draft: Draft, upTo: number): (List | null)[] {
  if (draft.lists === draft.listsBefore) draft.lists = draft.lists.slice()
  const lists = draft.lists as (List | null)[]
  while (lists.length < upTo) lists.push(null)
  return lists
}

export function asOf(draft: Draft): number {
  return draft.header[AS_OF] as number
}

/** When something on the page changes by time alone. */
export function wakeOf(draft: Draft, page: number): number {
  return draft.header[WAKES + page] as number
}

/** When anything does. */
export function nextWake(draft: Draft): number {
  return nextWakeIn(draft.header, draft.templates.length)
}

export function profileOf({ id, userId, traits, consent, timezone, tie, pages, lists, sends }: Draft): Profile {
  return { id, userId, traits, consent, timezone, tie, pages, lists, sends }
}
