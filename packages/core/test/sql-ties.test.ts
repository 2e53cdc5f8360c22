import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import { type Database, openDuckDB, openPostgres } from './sql-databases.ts'
import { asOf, key, live } from './sql-readings.ts'
import { load, worldOf } from './sql-world.ts'

/** What chance seldom finds: what time brings in a millisecond in which events happen too. */

const databases: Database[] = []
beforeAll(async () => {
  databases.push(await openDuckDB())
  const postgres = await openPostgres()
  if (postgres !== undefined) databases.push(postgres)
}, 60_000)
afterAll(async () => {
  for (const database of databases) await database.close()
})

const HOUR = 3_600_000

/** `i0:a` is an identify at hour 0 with the message id `a`; any other letter names a track event. */
function events(text: string): readonly CanonicalEvent[] {
  return text.split(' ').map((word) => {
    const [, name = '', hour, messageId = ''] = /^(.)([\d.]+):(.)$/.exec(word) ?? []
    const at = Number(hour) * HOUR
    const blank = { userId: 'u', properties: {}, traits: {}, context: {}, integrations: {}, source: 's' }
    return { type: name === 'i' ? 'identify' : 'track', ...(name === 'i' ? {} : { event: name }), messageId, timestamp: at, receivedAt: at, ...blank }
  })
}

const awake: Condition = { kind: 'not', of: { kind: 'inactive', for: HOUR } }
const never: Condition = { kind: 'did', event: 'x', where: [], measure: { of: 'count' }, compare: 'atMost', value: 0, window: { length: HOUR } }

it.each<[string, Condition, string, number, number]>([
  ['an event in between shows that it was inactive for a moment', awake, 'a0:a i1:b a1:c', 2, 1],
  ['the event that ends inactivity comes first', awake, 'a0:a a1:b i1:c', 2, 0],
  ['it is known not to have been done since the user has been known for that long', never, 'i0:a', 3, 1],
  ['so it is when it was done before, and left the window', never, 'x0:a x2:b', 4, 3],
])('%s', async (_, when, text, hour, since) => {
  const world = worldOf([{ id: 's', members: [{ name: 'm', when }] }], [], [events(text)])
  const at = hour * HOUR - 1
  const person = { ...world.profiles[0], profile: 'p0', events: events(text), moments: [at] }
  expect(live({ ...world, profiles: [person] }, 0).get(key('p0', at))).toEqual(['m', since * HOUR])
  for (const database of databases) {
    await load(database, [person])
    const [segment] = world.segments
    if (segment !== undefined) expect((await asOf(database, world, segment, at, true)).get(key('p0', at)), database.name).toEqual(['m', since * HOUR])
  }
})
