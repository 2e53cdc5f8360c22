import { type Condition, createEngine, type Profile, type Segment, segmentSql, type Warehouse } from '@waymark/core'
import { expect, it } from 'vitest'
import { sampleEvent, sampleEvents } from '../plugin/sample-events.ts'
import { rowsOf } from './rows.ts'

const HOUR = 3_600_000

/** Queries: parameters, pages, values, failures, and segments as SQL. Call it within a `describe`. */
export function describeReading(warehouseOf: () => Warehouse): void {
  it('puts parameters in as values, whatever they hold', async () => {
    const odd = `it's "quoted" -- $1 \\ ; DROP TABLE x`
    const warehouse = warehouseOf()
    await warehouse.load([sampleEvent(0, { event: odd }), sampleEvent(1)])
    const sql = `SELECT event, ts FROM ${warehouse.relation('events')} WHERE event = $2 AND ts >= $1`
    expect(await rowsOf(warehouse, sql, { parameters: [0, odd] })).toEqual([{ event: odd, ts: sampleEvent(0).timestamp }])
  })

  it('gives values as the contract says', async () => {
    const sql = "SELECT 1 AS one, 2.5 AS two, 'x' AS three, TRUE AS four, NULL AS five, SUM(many) AS six FROM (SELECT 1 AS many UNION ALL SELECT 2) AS a_few"
    expect(await rowsOf(warehouseOf(), sql)).toEqual([{ one: 1, two: 2.5, three: 'x', four: true, five: null, six: 3 }])
  })

  it('gives many rows in pages, and can be left early', async () => {
    const warehouse = warehouseOf()
    const events = sampleEvents(5_000)
    await warehouse.load(events)
    const sql = `SELECT message_id FROM ${warehouse.relation('events')} ORDER BY ts`
    expect((await rowsOf<{ message_id: string }>(warehouse, sql)).map(({ message_id }) => message_id)).toEqual(events.map(({ messageId }) => messageId))
    for await (const page of warehouse.query(sql)) {
      expect(page.length).toBeLessThan(5_000)
      break
    }
    expect(await rowsOf(warehouse, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('says what is wrong with a query', async () => {
    await expect(rowsOf(warehouseOf(), 'SELECT nothing FROM nowhere')).rejects.toMatchObject({ code: 'WAREHOUSE_QUERY_FAILED', message: /nowhere/ })
  })

  it('ends a query with its signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(rowsOf(warehouseOf(), 'SELECT 1 AS one', { signal })).rejects.toThrow('enough')
  })

  it('tells what a query would scan, where it can', async ({ skip }) => {
    const warehouse = warehouseOf()
    skip(warehouse.estimate === undefined, 'it cannot')
    await warehouse.load(sampleEvents(100))
    const { rows, bytes } = await warehouse.estimate!(`SELECT event, COUNT(*) AS many FROM ${warehouse.relation('events')} GROUP BY event`)
    expect(rows ?? bytes).toBeGreaterThan(0)
  })

  it('reads segments as the live evaluator does', async () => {
    const warehouse = warehouseOf()
    const did = (value: number): Condition => ({ kind: 'did', event: 'sample_done', where: [], measure: { of: 'count' }, compare: 'atLeast', value })
    const segment: Segment = {
      id: 'use',
      members: [
        { name: 'deep', when: { ...did(6), window: { length: 168 * HOUR } } as Condition },
        { name: 'named', when: { kind: 'trait', test: { property: 'mark', is: 'exists', value: true } } },
        { name: 'little', when: { kind: 'otherwise' } },
      ],
    }
    const events = sampleEvents(60).map((event, index) => {
      const type = index % 17 < 3 ? 'identify' : 'track'
      const userId = index < 57 ? `u${(index * index) % 17}` : 'newcomer'
      return sampleEvent(index, { type, userId, timestamp: event.timestamp + index * 7 * 60_000 })
    })
    const at = events.at(-1)!.timestamp + HOUR / 2
    await warehouse.load(events)
    const engine = createEngine({ segments: [segment], rules: [], governance: {}, channels: {} })
    const live = [...Map.groupBy(events, ({ userId }) => userId as string)].map(([profile, history]) => {
      const inputs = [...history.map((event) => ({ kind: 'event', event }) as const), { kind: 'tick', at } as const]
      const standing = inputs.reduce<Profile | undefined>(
        (so, input) => engine.step(so, profile, input, input.kind === 'tick' ? at : input.event.timestamp).profile,
        undefined,
      )
      return { profile, member: (standing && engine.memberships(standing)[0]?.member) ?? null }
    })
    const sql = segmentSql(segment, { dialect: warehouse.dialect, events: warehouse.relation('events'), at })
    const read = await rowsOf<{ profile: string; member: string | null }>(warehouse, sql)
    const sorted = (rows: readonly { profile: string; member: string | null }[]) => rows.map(({ profile, member }) => `${profile} ${member}`).toSorted()
    expect(sorted(read)).toEqual(sorted(live))
    expect(new Set(live.map(({ member }) => member)).size).toBe(3)
  })
}
