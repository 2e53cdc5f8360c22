import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CanonicalEvent } from '@waymark/core'
import { sampleEvent } from '@waymark/testkit/plugin'
import { rowsOf } from '@waymark/testkit/warehouse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LakeFile } from '../src/catalog.ts'
import { MERGED, planAll, planCompaction } from '../src/compaction-plan.ts'
import { duckdb } from '../src/duckdb.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)

interface Found {
  readonly message_id: string
  readonly day: string
  readonly ts: number
}

/** Around midnights, before 1970 too, as they come: out of order, again, in batches of any size; now and then a compaction, or a file. */
const moment = fc.oneof(
  fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -2, max: 2 })).map(([days, off]) => START + days * DAY + off),
  fc.integer({ min: -3 * DAY, max: 3 * DAY }),
)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('load' as const), picks: fc.array(fc.nat(29), { maxLength: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('import' as const), picks: fc.array(fc.nat(29), { minLength: 1, maxLength: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const), picks: fc.constant([] as number[]) }) },
)

async function inLake(work: (folder: string, lake: ReturnType<typeof duckdb>) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-lake-'))
  const lake = duckdb({ folder: join(folder, 'lake'), threads: 1 })
  try {
    await work(folder, lake)
  } finally {
    await lake.warehouse.close()
    rmSync(folder, { recursive: true })
  }
}

describe('days', () => {
  it('each hold their events once, in whatever order, batches and copies they come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 30, maxLength: 30 }), fc.array(step, { maxLength: 12 }), (moments, steps) =>
        inLake(async (folder, { warehouse }) => {
          const events = moments.map((timestamp, index) => sampleEvent(index, { timestamp, receivedAt: timestamp, userId: `u${index % 4}` }))
          const given = new Set<CanonicalEvent>()
          for (const [index, { kind, picks }] of steps.entries()) {
            const batch = picks.map((pick) => events[pick]!)
            for (const event of batch) given.add(event)
            if (kind === 'load') await warehouse.load(batch)
            else if (kind === 'compact') await warehouse.compact()
            else {
              const file = join(folder, `${index}.ndjson`)
              writeFileSync(file, batch.map((event) => JSON.stringify(event)).join('\n'))
              await warehouse.import(file)
            }
          }
          const rows = await rowsOf<Found>(warehouse, 'SELECT message_id, day, ts FROM events')
          const line = (...parts: readonly unknown[]) => parts.join(' ')
          const expected = [...given].map(({ messageId, timestamp }) => line(messageId, new Date(timestamp).toISOString().slice(0, 10), timestamp))
          expect(rows.map((row) => line(row.message_id, row.day, row.ts)).toSorted()).toEqual(expected.toSorted())
        }),
      ),
      { numRuns: 12 },
    )
  }, 120_000)

  it('take a file not at all when a line of it is no event', () =>
    inLake(async (folder, { warehouse }) => {
      const file = join(folder, 'torn.ndjson')
      writeFileSync(file, `${JSON.stringify(sampleEvent(0))}\n{"type":"track","event":`)
      await expect(warehouse.import(file)).rejects.toThrow()
      expect(await rowsOf(warehouse, 'SELECT count(*) AS many FROM events')).toEqual([{ many: 0 }])
    }))
})

describe('a plan of compaction', () => {
  const file = fc.record({
    table: fc.constantFrom('events' as const, 'decisions' as const),
    day: fc.constantFrom('2026-01-01', '2026-01-02'),
    rows: fc.nat(70_000),
  })
  const files = fc
    .array(file, { maxLength: 200 })
    .map((all) => all.map((one, index): LakeFile => ({ ...one, path: `f${index}`, bytes: 1, owners: 0, format: 1 })))

  it('never mixes tables or days, nor takes a file twice', () => {
    fc.assert(
      fc.property(files, fc.constantFrom(planCompaction, planAll), (all, plan) => {
        const groups = plan(all)
        for (const group of groups) expect(new Set(group.map(({ table, day }) => `${table} ${day}`)).size).toBe(1)
        const paths = groups.flat().map(({ path }) => path)
        expect(new Set(paths).size).toBe(paths.length)
      }),
    )
  })

  it('comes to an end, with few files of each size', () => {
    fc.assert(
      fc.property(files, (all) => {
        let now: readonly LakeFile[] = all
        for (let round = 0; round < 10; round += 1) {
          const groups = planCompaction(now)
          const merged = groups.map(
            (group, index): LakeFile => ({ ...group[0]!, path: `m${round}-${index}`, rows: group.reduce((sum, { rows }) => sum + rows, 0) }),
          )
          const gone = new Set(groups.flat())
          now = [...now.filter((one) => !gone.has(one)), ...merged]
        }
        expect(planCompaction(now)).toEqual([])
        // Two tables, two days, six sizes up to 16^6 rows.
        expect(now.length).toBeLessThan(2 * 2 * 6 * MERGED)
      }),
    )
  })
})
