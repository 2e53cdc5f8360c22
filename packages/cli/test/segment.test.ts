import { afterAll, describe, expect, it } from 'vitest'
import { scratchFolder, waymark } from './run.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

const sql = (...args: readonly string[]) => waymark(['segment', 'sql', ...args])

describe('waymark segment sql', () => {
  it('prints the query and nothing else', async () => {
    const { status, stdout, stderr } = await sql('engagement', '--dialect', 'duckdb', '--at', '2026-08-03T11:00:00Z')
    expect(status).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toContain(`-- segment engagement at ${Date.parse('2026-08-03T11:00:00Z')}\n`)
    expect(stdout).toContain('--   engaged: did feature_used with at least 3 different values of feature within 48h of signed_up\n')
    expect(stdout).toContain('FROM waymark_events')
    expect(stdout).toMatch(/WHEN NOT \(.*\) THEN 'at-risk'\n {2}END AS member\nFROM \w+\n$/)
  })

  it('with --json prints one document; reads the table that is named, now', async () => {
    const { status, stdout } = await sql('engagement', '--dialect', 'bigquery', '--table', 'lake.events', '--json')
    expect(status).toBe(0)
    const document = JSON.parse(stdout) as { sql: string }
    expect(document).toEqual({ segment: 'engagement', dialect: 'bigquery', sql: expect.stringContaining('FROM `lake`.`events`') })
    expect(document.sql).toContain('ts <= UNIX_MILLIS(CURRENT_TIMESTAMP())')
  })

  it('also says since when', async () => {
    const { stdout } = await sql('engagement', '--dialect', 'postgres', '--since')
    expect(stdout).toMatch(/SELECT\n {2}profile,\n {2}member,\n {2}since\nFROM truths\n$/)
  })

  it('ends sessions where the config does', async () => {
    scratch.write(
      'waymark.config.ts',
      [
        "import { defineWaymark } from '@waymark/core'",
        "import { sqlite } from '@waymark/store-sqlite'",
        "import { plan } from '../plan.ts'",
        'const { did } = plan.behaviour',
        "const habit = plan.segments('habit', { back: did('feature_used').atLeast(2).across(2, 'sessions') })",
        "export default defineWaymark({ plan, segments: [habit], sessions: { gap: '5m' }, store: sqlite(':memory:') })",
      ].join('\n'),
    )
    const { status, stdout, stderr } = await waymark(['segment', 'sql', 'habit', '--dialect', 'snowflake'], { cwd: scratch.path })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('> 300000 THEN 1')
  })

  it('says which segments and dialects there are', async () => {
    const [segment, dialect, none] = await Promise.all([
      sql('engagment', '--dialect', 'duckdb'),
      sql('engagement', '--dialect', 'postgresql'),
      sql('engagement'),
    ])
    expect(segment.status).toBe(3)
    expect(segment.stderr).toContain("there is no segment 'engagment' in this config. Did you mean 'engagement'?")
    expect(segment.stderr).toContain('its segments are engagement')
    expect(dialect.status).toBe(2)
    expect(dialect.stderr).toContain("there is no dialect 'postgresql'. Did you mean 'postgres'?")
    expect(dialect.stderr).toContain('--dialect takes duckdb, postgres, bigquery, snowflake, clickhouse')
    expect(none.status).toBe(2)
    expect(none.stderr).toContain("required option '--dialect <name>' not specified")
    expect([segment.stdout, dialect.stdout, none.stdout]).toEqual(['', '', ''])
  })

  it('with --json an error is the document', async () => {
    const { status, stdout } = await sql('nothing', '--dialect', 'duckdb', '--json')
    expect(status).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NOT_FOUND', message: expect.stringContaining("'nothing'") } })
  })

  it('explains itself', async () => {
    const { status, stdout } = await waymark(['segment', 'sql', '--help'])
    expect(status).toBe(0)
    for (const part of ['--dialect', '--table', '--config', 'message_id', 'Exit codes']) expect(stdout).toContain(part)
  })
})
