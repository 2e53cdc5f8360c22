import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/**
 * Real events: 59,835 messages between 1,350 students, one event a line, in a folder beside this repository. It belongs
 * to others and is not part of the project; where it is absent these tests are skipped.
 */
const LOG = resolve(import.meta.dirname, '../../shared/data/college-messages.ndjson.gz')
const CONFIG = resolve(import.meta.dirname, 'college-messages/waymark.config.ts')
const COMMAND = ['--conditions=@waymark/source', resolve(import.meta.dirname, '../packages/cli/src/bin.ts')]

interface Membership {
  readonly profile: string
  readonly segment: string
  readonly member: string
  /** Epoch milliseconds. */
  readonly since: number
}

interface Summary {
  readonly events: number
  readonly accepted: number
  readonly profiles: number
  readonly segments: Record<string, Record<string, number>>
}

describe.skipIf(!existsSync(LOG))('replay of real messages agrees with SQL over the same file (skipped where ../shared/data is absent)', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'waymark-college-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('at the end of the log, read from the packed file', async () => {
    await compare(LOG)
  }, 60_000)

  // The busiest weeks: many windows are open, and many more users come and go than at the end.
  it.each([5_000, 20_000, 40_000])(
    'after the first %i messages',
    async (messages) => {
      const cut = join(folder, `first-${messages}.ndjson`)
      const lines = gunzipSync(readFileSync(LOG)).toString().split('\n').slice(0, messages)
      writeFileSync(cut, lines.join('\n'))
      await compare(cut)
    },
    60_000,
  )

  async function compare(log: string): Promise<void> {
    const memberships = join(folder, 'memberships.ndjson')
    const ran = spawnSync(process.execPath, [...COMMAND, 'replay', log, '--config', CONFIG, '--json', '--memberships', memberships], { encoding: 'utf8' })
    expect(ran.status, ran.stderr).toBe(0)
    const summary = JSON.parse(ran.stdout) as Summary
    const found = readFileSync(memberships, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Membership)

    const { expected, events, profiles } = await query(log)
    expect(summary).toMatchObject({ events, accepted: events, profiles })
    const counts: Summary['segments'] = {
      engagement: { engaged: 0, 'at-risk': 0 },
      silence: { silent: 0 },
      days: { 'three-days': 0 },
      sessions: { 'three-sessions': 0 },
    }
    for (const { segment, member } of expected) (counts[segment] as Record<string, number>)[member] = (counts[segment]?.[member] ?? 0) + 1
    expect(summary.segments).toEqual(counts)
    for (const members of Object.values(counts)) for (const amount of Object.values(members)) expect(amount).toBeGreaterThan(0)
    expect(found.map(row).sort()).toEqual(expected.map(row).sort())
  }
})

function row({ profile, segment, member, since }: Membership): string {
  return `${profile} ${segment} ${member} ${new Date(since).toISOString()}`
}

/**
 * The same segments from the definitions alone (`packages/core/src/behaviour/ast.ts` and 'Time' in docs/architecture.md):
 * an event at `ts` is in a sliding window of length W while ts <= t < ts + W, and in the window of an anchor at `a` when
 * a <= ts < a + W; a session ends after more than 30 minutes without activity; days are UTC.
 */
async function query(log: string): Promise<{ readonly expected: readonly Membership[]; readonly events: number; readonly profiles: number }> {
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  try {
    await connection.run(`
      create table raw as
        select "userId" as profile, epoch_ms("timestamp"::timestamp) as ts, properties."to" as receiver
        from read_json('${log.replaceAll("'", "''")}', format = 'newline_delimited',
          columns = {"userId": 'varchar', "timestamp": 'varchar', properties: 'struct("to" varchar)'});

      create table message as
        select *, ts // 86400000 as day, sum(fresh) over (partition by profile order by ts rows unbounded preceding) as session
        from (
          select *, case when ts - lag(ts) over (partition by profile order by ts) <= 30 * 60000 then 0 else 1 end as fresh
          from raw
        );

      create macro hours(n) as n * 3600000;
      create macro the_end() as (select max(ts) from message);
    `)

    const engagement = `
      with anchor as (select profile, min(ts) as a from message group by profile),
      receiver as (
        select profile, receiver, min(ts) as first_ts from message join anchor using (profile)
        where ts >= a and ts < a + hours(48) group by profile, receiver
      ),
      third as (select profile, first_ts from receiver qualify row_number() over (partition by profile order by first_ts) = 3)
      select profile, 'engagement' as segment,
        case when first_ts is null then 'at-risk' else 'engaged' end as member,
        coalesce(first_ts, a + hours(48)) as since
      from anchor left join third using (profile)
      where first_ts is not null or a + hours(48) <= the_end()`

    const silence = `
      select profile, 'silence' as segment, 'silent' as member, max(ts) + hours(168) as since
      from message group by profile having max(ts) + hours(168) <= the_end()`

    // True now, and since the first moment after the last one at which it was false. It can change only when a message
    // is sent and when one leaves the window.
    const across = (unit: 'day' | 'session') => `
      with moment as (
        select profile, ts as t from message union select profile, ts + hours(168) from message where ts + hours(168) <= the_end()
      ),
      standing as (
        select moment.profile, t, count(ts) >= 3 and count(distinct ${unit}) >= 3 as holds
        from moment left join message on message.profile = moment.profile and ts <= t and t < ts + hours(168)
        group by moment.profile, t
      ),
      broken as (select profile, max(t) filter (where not holds) as last_t from standing group by profile)
      select profile, '${unit}s' as segment, 'three-${unit}s' as member, min(t) as since
      from standing join broken using (profile)
      where last_t is null or t > last_t
      group by profile`

    const read = async (sql: string) =>
      (await connection.runAndReadAll(`select profile, segment, member, since::double as since from (${sql})`)).getRowObjectsJS() as unknown as Membership[]
    const expected = [...(await read(engagement)), ...(await read(silence)), ...(await read(across('day'))), ...(await read(across('session')))]
    const [totals] = (
      await connection.runAndReadAll('select count(*)::double as events, count(distinct profile)::double as profiles from message')
    ).getRowObjectsJS()
    return { expected, events: Number(totals?.['events']), profiles: Number(totals?.['profiles']) }
  } finally {
    connection.closeSync()
    database.closeSync()
  }
}
