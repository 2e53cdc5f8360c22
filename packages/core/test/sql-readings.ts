import { momentsSql } from '../src/behaviour/sql/moments-sql.ts'
import { segmentSql } from '../src/behaviour/sql/segment-sql.ts'
import { milliseconds } from '../src/duration.ts'
import { createEngine, type Engine } from '../src/engine/engine.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Profile } from '../src/profile.ts'
import type { Segment } from '../src/segment.ts'
import { reader } from './naive.ts'
import type { Database } from './sql-databases.ts'
import type { Person, World } from './sql-world.ts'

/** The member of each segment, by profile and moment; null where there is none. The last may be followed by since when. */
export type Answers = ReadonlyMap<string, readonly (string | number | null)[]>

export const key = (profile: string, at: number): string => `${profile} ${at}`

export function byDefinition({ segments, profiles, sessionGap }: World): Answers {
  return collect(profiles, ({ events }) => {
    const { member } = reader(events, { segments, sessionGap: milliseconds(sessionGap) })
    return (at) => segments.map((segment) => member(segment, at) ?? null)
  })
}

/** With since when of one segment. */
export function live({ segments, profiles, sessionGap }: World, timed: number): Answers {
  const engine = createEngine({ segments, rules: [], governance: {}, channels: {}, sessionGap: milliseconds(sessionGap) })
  return collect(profiles, ({ events }) => {
    const ordered = events.toSorted((a, b) => a.timestamp - b.timestamp || (a.messageId < b.messageId ? -1 : 1))
    const last = ordered.at(-1)?.timestamp ?? 0
    let profile: Profile | undefined
    let next = 0
    let isComplete = false
    return (at) => {
      if (at < last) {
        for (let event = ordered[next]; event !== undefined && event.timestamp <= at; event = ordered[next]) {
          profile = engine.step(profile, 'u', { kind: 'event', event }, at).profile
          next += 1
        }
      } else if (!isComplete) {
        // From the end on it is asked of a profile whose events came as they were generated: late ones among them.
        profile = arrived(engine, events)
        isComplete = true
      }
      if (profile === undefined) return segments.map(() => null)
      profile = engine.step(profile, 'u', { kind: 'tick', at }, at).profile
      const memberships = new Map(engine.memberships(profile).map((one) => [one.segment, one]))
      const since = memberships.get(segments[timed]?.id ?? '')?.since ?? null
      return [...segments.map(({ id }) => memberships.get(id)?.member ?? null), since]
    }
  })
}

function arrived(engine: Engine, events: readonly CanonicalEvent[]): Profile | undefined {
  let profile: Profile | undefined
  const seen: CanonicalEvent[] = []
  for (const event of events) {
    seen.push(event)
    const history = () => seen.toSorted((a, b) => a.timestamp - b.timestamp || (a.messageId < b.messageId ? -1 : 1))
    profile = engine.isLate(profile, event)
      ? engine.rebuild('u', history(), profile === undefined ? [] : [engine.pastOf(profile)], event.receivedAt, 'decide').profile
      : engine.step(profile, 'u', { kind: 'event', event }, event.receivedAt).profile
  }
  return profile
}

function collect(profiles: readonly Person[], read: (person: Person) => (at: number) => readonly (string | number | null)[]): Answers {
  const answers = new Map<string, readonly (string | number | null)[]>()
  for (const person of profiles) {
    const at = read(person)
    for (const moment of person.moments.toSorted((a, b) => a - b)) answers.set(key(person.profile, moment), at(moment))
  }
  return answers
}

/** At all moments at once, with since when of one segment. */
export async function atMoments(database: Database, { segments, sessionGap }: World, timed: number): Promise<Answers> {
  const since = segments[timed]?.id ?? ''
  const sql = momentsSql(segments, { dialect: database.dialect, moments: 'waymark_moments', since: [since], sessionGap })
  const answers = new Map<string, readonly (string | number | null)[]>()
  for (const [profile, moment, ...columns] of await ask(database, sql)) {
    const [when = null] = columns.splice(timed + 1, 1)
    answers.set(key(profile as string, moment as number), [...columns, when] as (string | number | null)[])
  }
  return answers
}

/** As `segmentSql` says it of one moment: the member, and since when if that is asked. */
export async function asOf(database: Database, { segments, sessionGap }: World, segment: Segment, at: number, since: boolean): Promise<Answers> {
  const rows = await ask(database, segmentSql(segment, { dialect: database.dialect, segments, at, since, sessionGap }))
  return new Map(rows.map(([profile, ...columns]) => [key(profile as string, at), columns as (string | number | null)[]]))
}

async function ask(database: Database, sql: string): Promise<readonly unknown[][]> {
  try {
    return (await database.rows(sql)).map((row) => [...row])
  } catch (error) {
    throw new Error(`${database.name} refused: ${error instanceof Error ? error.message : String(error)}\n${sql}`)
  }
}
