import type { Condition } from '../src/behaviour/ast.ts'
import { dialectOf } from '../src/behaviour/sql/dialects.ts'
import type { Duration } from '../src/duration.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Segment } from '../src/segment.ts'
import { edges } from './arbitraries.ts'
import type { Database } from './sql-databases.ts'

/** Segments and conditions, asked of many histories at once: each is the history of a profile, asked at moments of its own. */
export interface World {
  /** With a segment for each condition, whose members are its answers. */
  readonly segments: readonly Segment[]
  readonly profiles: readonly Person[]
  readonly sessionGap: Duration
}

export interface Person {
  readonly profile: string
  readonly events: readonly CanonicalEvent[]
  readonly moments: readonly number[]
}

/** More are asked of no profile: those of the most entangled conditions run into the thousands. */
const MOST_MOMENTS = 64

export function worldOf(segments: readonly Segment[], conditions: readonly Condition[], histories: readonly (readonly CanonicalEvent[])[]): World {
  const answers = conditions.map(
    (when, index): Segment => ({
      id: `condition ${index}`,
      members: [
        { name: 'yes', when },
        { name: 'no', when: { kind: 'not', of: when } },
      ],
    }),
  )
  const profiles = histories.map((events, index): Person => {
    const first = Math.min(...events.map(({ timestamp }) => timestamp))
    const all = edges(events, conditions, segments).filter((at) => at >= first)
    return { profile: `p${index}`, events, moments: some(all) }
  })
  // As chance fell on the histories.
  const sessionGap = histories.flat().length % 3 === 0 ? '10m' : '30m'
  return { segments: [...segments, ...answers], profiles, sessionGap }
}

/** Drawn without chance, so that a seed stands for the same moments every time. */
function some(moments: readonly number[]): readonly number[] {
  if (moments.length <= MOST_MOMENTS) return moments
  const rank = (at: number) => Math.imul(at % 1_000_003, 2_654_435_761) >>> 0
  return moments.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_MOMENTS)
}

/** Lays the relations that the readings read. */
export async function load(database: Database, profiles: readonly Person[]): Promise<void> {
  const { text } = dialectOf(database.dialect)
  const json = (value: unknown) => text(JSON.stringify(value))
  const events = profiles.flatMap(({ profile, events: all }) =>
    all.map(({ messageId, timestamp, type, event, properties, traits }) =>
      [text(profile), text(messageId), timestamp, text(type), event === undefined ? 'NULL' : text(event), json(properties), json(traits)].join(', '),
    ),
  )
  const moments = profiles.map(({ profile, moments: all }) => `(${text(profile)}, ARRAY[${all.join(', ')}]::BIGINT[])`)
  const columns = `profile TEXT, message_id TEXT, ts BIGINT, type TEXT, event TEXT, properties ${database.json}, traits ${database.json}`
  for (const sql of [
    'DROP TABLE IF EXISTS waymark_events',
    'DROP TABLE IF EXISTS waymark_moments',
    `CREATE TEMPORARY TABLE waymark_events (${columns})`,
    'CREATE TEMPORARY TABLE waymark_moments (profile TEXT, moment BIGINT)',
    `INSERT INTO waymark_events VALUES ${events.map((row) => `(${row})`).join(',\n')}`,
    `INSERT INTO waymark_moments SELECT profile, UNNEST(moments) FROM (VALUES ${moments.join(', ')}) AS asked (profile, moments)`,
  ])
    await database.run(sql)
}
