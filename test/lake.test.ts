import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { duckdb } from '@waymark/adapter-duckdb'
import { segmentSql, type WaymarkConfig } from '@waymark/core'
import { rowsOf } from '@waymark/testkit/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Real events beside this repository, as in `college-messages.test.ts`; where they are absent these tests are skipped. */
const LOG = resolve(import.meta.dirname, '../../shared/data/college-messages.ndjson.gz')
const CONFIG = resolve(import.meta.dirname, 'college-messages/waymark.config.ts')
const COMMAND = ['--conditions=@waymark/source', resolve(import.meta.dirname, '../packages/cli/src/bin.ts')]

interface Member {
  readonly profile: string
  readonly member: string
  readonly since: number
}

describe.skipIf(!existsSync(LOG))('real messages in a lake (skipped where ../shared/data is absent)', () => {
  let folder: string
  let lake: ReturnType<typeof duckdb>
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'waymark-lake-'))
    lake = duckdb({ folder: join(folder, 'lake') })
    expect(await lake.warehouse.import(LOG)).toBe(59_835)
  }, 60_000)
  afterAll(async () => {
    await lake.warehouse.close()
    rmSync(folder, { recursive: true })
  })

  it('takes the same file again for what is there', async () => {
    expect(await lake.warehouse.import(LOG)).toBe(0)
  }, 60_000)

  it('gives the segments, and since when, that the live evaluator gives', async () => {
    const file = join(folder, 'memberships.ndjson')
    const ran = spawnSync(process.execPath, [...COMMAND, 'replay', LOG, '--config', CONFIG, '--json', '--memberships', file], { encoding: 'utf8' })
    expect(ran.status, ran.stderr).toBe(0)
    const live = readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Member & { readonly segment: string })
    const { default: config } = (await import(CONFIG)) as { default: WaymarkConfig }
    const [end] = await rowsOf<{ at: number }>(lake.warehouse, 'SELECT max(ts) AS at FROM events')
    for (const segment of config.segments ?? []) {
      const sql = segmentSql(segment, { dialect: 'duckdb', events: lake.warehouse.relation('events'), at: end!.at, since: true })
      const read = await rowsOf<Member>(lake.warehouse, `SELECT * FROM (${sql}) WHERE member IS NOT NULL`)
      const line = ({ profile, member, since }: Member) => `${profile} ${member} ${since}`
      const lines = live.filter((one) => one.segment === segment.id).map(line)
      expect(read.map(line).toSorted()).toEqual(lines.toSorted())
      expect(lines.length).toBeGreaterThan(0)
    }
  }, 60_000)

  it('is found in no file after an erasure, neither as bytes nor as values', async () => {
    const [busiest] = await rowsOf<{ profile: string }>(lake.warehouse, 'SELECT profile FROM events GROUP BY profile ORDER BY count(*) DESC LIMIT 1')
    const canary = 'canary-6f1d2c'
    const [other] = await rowsOf<{ many: number }>(lake.warehouse, 'SELECT count(*) AS many FROM events WHERE profile <> $1', {
      parameters: [busiest!.profile],
    })
    const event = { type: 'track', event: 'message_sent', properties: {}, traits: {}, context: {}, integrations: {}, source: 'test', receivedAt: 0 } as const
    await lake.warehouse.load(
      [0, 1, 2].map((day) => ({
        ...event,
        messageId: `m${day}`,
        userId: canary,
        anonymousId: `${canary}-phone`,
        timestamp: 1_090_000_000_000 + day * 86_400_000,
      })),
      new Map([[`anonymous:${canary}-phone`, canary]]),
    )
    expect(filesWith(canary)).not.toEqual([])
    await lake.warehouse.erase({ profile: canary, userIds: [canary], anonymousIds: [`${canary}-phone`] })
    await lake.warehouse.erase({ profile: busiest!.profile, userIds: [busiest!.profile], anonymousIds: [] })
    expect(filesWith(canary)).toEqual([])
    const parquet = filesWith('').filter((path) => path.endsWith('.parquet'))
    const list = parquet.map((path) => `'${path}'`).join(', ')
    const rows = `SELECT count(*) FILTER (WHERE user_id = $1 OR profile = $1) AS held, count(*) AS many FROM read_parquet([${list}], union_by_name = true)`
    expect(await rowsOf(lake.warehouse, rows, { parameters: [busiest!.profile] })).toEqual([{ held: 0, many: other!.many }])
  }, 60_000)

  /** Files of the lake that hold these bytes. */
  function filesWith(text: string): readonly string[] {
    return readdirSync(join(folder, 'lake'), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, 'lake', name))
      .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text))
  }
})
