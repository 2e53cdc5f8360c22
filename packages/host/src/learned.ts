import { createHash } from 'node:crypto'
import {
  ANONYMOUS,
  agrees,
  type CanonicalEvent,
  type Decision,
  type Engine,
  type JsonObject,
  type MembershipChange,
  type NewLogEntry,
  type NewTold,
  type Profile,
  type Sink,
  type Told,
  type Transaction,
  userIdOf,
  type WaymarkConfig,
} from '@waymark/core'
import type { Held } from './profiles.ts'

/** What of what Waymark finds out a sink may ask for. */
export type Kind = NonNullable<Sink['learned']>[number]

/** What a commit has found out. */
export interface Found {
  readonly changes: readonly MembershipChange[]
  readonly decisions: readonly Decision[]
  /** Profiles that have become part of others in it. */
  readonly merged: readonly { readonly from: string; readonly into: string }[]
  /** Everybody concerned, as the commit leaves them. */
  readonly profileOf: (id: string) => Profile | undefined
  /** A log entry of the commit, or the newest before it: ids of events follow from it. */
  readonly seq: number
  readonly now: number
}

/**
 * Writes into the log what sinks ask to be told, in the commit it was found out in: so recovery finds it there and makes nothing of it twice. It belongs
 * to no profile, and is no event of anybody's history. Of memberships the change is told against what was told before, whatever a late event, a
 * merge or another definition made of the past since. Whoever does not agree to analytics is told of to nobody.
 */
export async function tellLearned(config: WaymarkConfig, found: Found, tx: Transaction): Promise<void> {
  const asked = askedFor(config)
  const events: CanonicalEvent[] = []
  const isTold = (profile: Profile | undefined): profile is Profile => profile !== undefined && agrees(profile.consent, 'analytics', config.governance?.consent)
  if (asked.has('memberships') && found.changes.length + found.merged.length > 0) events.push(...(await membershipEvents(found, isTold, tx)))
  if (asked.has('decisions')) {
    for (const decision of found.decisions) {
      const profile = found.profileOf(decision.profile)
      if (isTold(profile)) events.push(decisionEvent(decision, profile, found.now))
    }
  }
  if (events.length > 0) await tx.append(events.map((event): NewLogEntry => ({ profile: '', now: found.now, input: { kind: 'learned', event } })))
}

function askedFor({ plugins = [] }: WaymarkConfig): ReadonlySet<Kind> {
  return new Set(plugins.flatMap(({ sink }) => sink?.learned ?? []))
}

/** Which of the two an event of the log is. */
export function kindOf({ type }: CanonicalEvent): Kind {
  return type === 'identify' ? 'memberships' : 'decisions'
}

/** Where everybody was read anew: what of them is not what was told. */
export async function tellRebuilt(
  config: WaymarkConfig,
  engine: Engine,
  { rebuilt, decisions, seq, now }: Pick<Found, 'decisions' | 'seq' | 'now'> & { readonly rebuilt: ReadonlyMap<string, Held> },
  tx: Transaction,
): Promise<void> {
  const asked = askedFor(config)
  if (asked.size === 0) return
  const told = asked.has('memberships') ? await tx.told([...rebuilt.keys()]) : new Map<string, Told>()
  const changes = [...rebuilt.values()].flatMap(({ profile }): readonly MembershipChange[] => {
    const present = engine.memberships(profile)
    const left = Object.keys(told.get(profile.id) ?? {}).filter((segment) => !present.some((one) => one.segment === segment))
    return [
      ...present.map(({ segment, member, since }) => ({ profile: profile.id, segment, from: undefined, to: member, at: since })),
      ...left.map((segment) => ({ profile: profile.id, segment, from: undefined, to: undefined, at: now })),
    ]
  })
  await tellLearned(config, { changes, decisions, merged: [], profileOf: (id) => rebuilt.get(id)?.profile, seq, now }, tx)
}

async function membershipEvents(
  { changes, merged, profileOf, seq, now }: Found,
  isTold: (profile: Profile | undefined) => profile is Profile,
  tx: Transaction,
): Promise<readonly CanonicalEvent[]> {
  const known = new Map<string, Record<string, string | null>>()
  for (const [profile, told] of await tx.told([...new Set([...changes.map(({ profile }) => profile), ...merged.flatMap(({ from, into }) => [from, into])])])) {
    known.set(profile, { ...told })
  }
  const news: NewTold[] = []
  // What was told of the visitor was told of the user they turn out to be.
  for (const { from, into } of merged) {
    const own: Told = known.get(into) ?? {}
    const brought = Object.entries(known.get(from) ?? {}).filter(([segment]) => !Object.hasOwn(own, segment))
    known.set(into, { ...Object.fromEntries(brought), ...own })
    for (const [segment, member] of brought) news.push({ profile: into, segment, member })
  }
  const events: CanonicalEvent[] = []
  for (const change of changes) {
    const { segment, to = null, at } = change
    const profile = profileOf(change.profile)
    if (!isTold(profile)) continue
    const told = known.get(profile.id) ?? {}
    const from = Object.hasOwn(told, segment) ? (told[segment] ?? null) : (change.from ?? null)
    if (from === to) continue
    known.set(profile.id, { ...told, [segment]: to })
    news.push({ profile: profile.id, segment, member: to })
    events.push({
      ...blank(profile, at, now, idOf('membership', seq, events.length, profile.id, segment, to, at)),
      type: 'identify',
      traits: { [`waymark_${segment}`]: to },
      context: { waymark: { membership: { segment, from, to } } },
    })
  }
  if (news.length > 0) await tx.tell(news)
  return events
}

function decisionEvent({ key, rule, outcome, guard, since, retryAt, at, message }: Decision, profile: Profile, now: number): CanonicalEvent {
  const properties: JsonObject = {
    ...{ rule, outcome, key, since },
    ...(guard === undefined ? {} : { guard }),
    ...(message === undefined ? {} : { channel: message.channel, kind: message.kind }),
    ...(retryAt === undefined ? {} : { retryAt }),
  }
  return { ...blank(profile, at, now, idOf('decision', key)), type: 'track', event: 'waymark_decision', properties }
}

function blank(profile: Profile, at: number, now: number, messageId: string): Omit<CanonicalEvent, 'type'> {
  const userId = userIdOf(profile)
  const whose = userId === undefined ? { anonymousId: profile.id.slice(ANONYMOUS.length) } : { userId }
  return { messageId, ...whose, timestamp: Math.min(at, now), receivedAt: now, properties: {}, traits: {}, context: {}, integrations: {}, source: 'waymark' }
}

/** The same for the same thing found out in the same commit, in 32 characters, which every vendor takes. */
function idOf(...parts: readonly (string | number | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
