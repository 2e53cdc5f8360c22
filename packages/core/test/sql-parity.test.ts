import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Segment } from '../src/segment.ts'
import { history, scenario } from './arbitraries.ts'
import { type Database, openDuckDB, openPostgres } from './sql-databases.ts'
import { type Answers, asOf, atMoments, byDefinition, key, live } from './sql-readings.ts'
import { load, type World, worldOf } from './sql-world.ts'

/**
 * The readings of a condition agree: the engine, the definition, and the SQL of the two databases that run here. A case is
 * one set of segments and conditions with one history, asked at every event, every edge of a window and a millisecond around each.
 */

const SEED = Number(process.env['WAYMARK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const CASES = Number(process.env['WAYMARK_RUNS'] ?? 10_000)
/** With the same conditions, so that one query answers for all of them. */
const HISTORIES = Math.min(100, CASES)

const databases: Database[] = []
beforeAll(async () => {
  databases.push(await openDuckDB())
  const postgres = await openPostgres()
  if (postgres !== undefined) databases.push(postgres)
}, 60_000)
afterAll(async () => {
  for (const database of databases) await database.close()
})

const seconds = new Map<string, number>()
async function timed<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
  const start = performance.now()
  const result = await work()
  seconds.set(name, (seconds.get(name) ?? 0) + (performance.now() - start) / 1_000)
  return result
}

interface Asked {
  readonly segments: readonly Segment[]
  readonly conditions: readonly Condition[]
}

interface Difference {
  readonly what: string
  readonly history: readonly CanonicalEvent[]
}

let moments = 0

/** The first difference between two readings, if there is one. */
async function difference({ segments, conditions }: Asked, histories: readonly (readonly CanonicalEvent[])[]): Promise<Difference | undefined> {
  const world = worldOf(segments, conditions, histories)
  // Which segment is also asked since when, and of which moment: as chance fell on the histories.
  const lot = world.profiles.reduce((sum, { events }) => sum + events.length, 0)
  const sinceOf = lot % world.segments.length
  const right = await timed('definition', () => byDefinition(world))
  const running = await timed('engine', () => live(world, sinceOf))
  moments += right.size
  const found = compare(world, 'the engine', running, right, (row) => row.slice(0, -1))
  if (found !== undefined) return found

  for (const database of databases) {
    const { name } = database
    await timed(`${name} loading`, () => load(database, world.profiles))
    const answers = await timed(name, () => atMoments(database, world, sinceOf))
    const differs = compare(world, name, answers, running)
    if (differs !== undefined) return differs
    const one = await timed(`${name} as of one moment`, () => atOneMoment(database, world, running, sinceOf, lot))
    if (one !== undefined) return one
  }
  return undefined
}

function compare({ profiles }: World, name: string, said: Answers, right: Answers, only = (row: readonly unknown[]) => row): Difference | undefined {
  for (const { profile, moments: all, events } of profiles) {
    for (const at of all) {
      const [a, b] = [said, right].map((answers) => JSON.stringify(only(answers.get(key(profile, at)) ?? [])))
      const [says, is] = name === 'the engine' ? [a, JSON.stringify(right.get(key(profile, at)))] : [a, b]
      if (says !== is) return { what: `at ${at} ${name} says ${says}, not ${is}`, history: events }
    }
  }
  return undefined
}

/** What `segmentSql` says of one segment at a moment of the first history, of everybody who had been seen by then. */
async function atOneMoment(database: Database, world: World, right: Answers, segment: number, lot: number): Promise<Difference | undefined> {
  const [first] = world.profiles
  const asked = world.segments[segment]
  const at = first?.moments[lot % first.moments.length]
  if (at === undefined || asked === undefined) return undefined
  const withSince = lot % 2 === 0
  const said = await asOf(database, world, asked, at, withSince)
  for (const { profile, events } of world.profiles) {
    const row = said.get(key(profile, at))
    const wasSeen = events.some(({ timestamp }) => timestamp <= at)
    const known = right.get(key(profile, at))
    const expected = !wasSeen ? undefined : known === undefined ? row : withSince ? [known[segment], known.at(-1)] : [known[segment]]
    const [says, is] = [row, expected].map((one) => JSON.stringify(one))
    if (says !== is || (row !== undefined) !== wasSeen) return { what: `as of ${at} ${database.name} says of ${asked.id} ${says}, not ${is}`, history: events }
  }
  return undefined
}

/** Takes away what the difference does not need. */
async function smallest(asked: Asked, found: Difference): Promise<string> {
  let [least, best] = [asked, found]
  for (let goesOn = true; goesOn; ) {
    goesOn = false
    for (const [smaller, events] of smallerThan(least, best.history)) {
      const again = await difference(smaller, [events]).catch(() => undefined)
      if (again === undefined) continue
      least = smaller
      best = again
      goesOn = true
      break
    }
  }
  return `${best.what}\nof ${JSON.stringify(least)}\nafter ${JSON.stringify(best.history)}`
}

function smallerThan(asked: Asked, events: readonly CanonicalEvent[]): readonly (readonly [Asked, readonly CanonicalEvent[]])[] {
  const { segments, conditions } = asked
  const plans: Asked[] = conditions.map((_, index) => ({ segments, conditions: conditions.toSpliced(index, 1) }))
  // The later ask for the earlier.
  if (segments.length > 0) plans.push({ segments: segments.slice(0, -1), conditions })
  const sound = plans.filter((plan) => plan.segments.length + plan.conditions.length > 0).map((plan) => [plan, events] as const)
  return [...sound, ...events.flatMap((_, index) => (events.length === 1 ? [] : [[asked, events.toSpliced(index, 1)] as const]))]
}

it('the engine, the definition, DuckDB and PostgreSQL say the same', async () => {
  const plans = Math.ceil(CASES / HISTORIES)
  let cases = 0
  await fc.assert(
    fc.asyncProperty(scenario, fc.array(history, { minLength: HISTORIES, maxLength: HISTORIES }), async (asked, histories) => {
      const found = await difference(asked, histories)
      cases += histories.length
      if (found !== undefined) throw new Error(await smallest(asked, found))
    }),
    // Its own way of shrinking would ask all the histories again and again.
    {
      seed: SEED,
      numRuns: plans,
      endOnFailure: true,
      reporter: ({ failed, errorInstance, counterexamplePath }) => {
        if (failed)
          throw new Error(`seed ${SEED}, path ${counterexamplePath}: ${errorInstance instanceof Error ? errorInstance.message : String(errorInstance)}`)
      },
    },
  )
  const times = [...seconds].map(([name, took]) => `${name} ${took.toFixed(1)} s`).join(', ')
  process.stdout.write(`seed ${SEED}: ${plans} plans, ${cases} cases, ${moments} moments: ${times}\n`)
  expect(cases).toBeGreaterThanOrEqual(CASES)
}, 600_000)
