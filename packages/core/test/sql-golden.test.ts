import { Dialect, parse } from '@polyglot-sql/sdk'
import { describe, expect, it } from 'vitest'
import type { Condition, Did } from '../src/behaviour/ast.ts'
import { DIALECTS, type DialectName } from '../src/behaviour/sql/dialects.ts'
import { segmentSql } from '../src/behaviour/sql/segment-sql.ts'
import type { Segment } from '../src/segment.ts'

/** The SQL as people get it. Three of the databases do not run here: what can be said of those is that their SQL parses. */

const HOUR = 3_600_000
const DAY = 24 * HOUR

function did(event: string, more: Partial<Did> = {}): Did {
  return { kind: 'did', event, where: [], measure: { of: 'count' }, compare: 'atLeast', value: 3, ...more }
}

const active: Condition = did('*', { measure: { of: 'days' }, window: { length: 7 * DAY } })
const SEGMENTS: readonly Segment[] = [
  {
    id: 'engagement',
    members: [
      {
        name: 'engaged',
        when: did('feature_used', { measure: { of: 'distinct', property: 'feature' }, window: { length: 2 * DAY, anchor: { event: 'signed_up', where: [] } } }),
      },
      { name: 'at-risk', when: { kind: 'otherwise' } },
    ],
  },
  {
    id: 'habit',
    members: [
      {
        name: 'deep',
        when: did('feature_used', { measure: { of: 'sum', property: 'minutes' }, value: 90.5, window: { length: 7 * DAY }, across: { sessions: 3, days: 2 } }),
      },
      {
        name: 'quick start',
        when: did('feature_used', { where: [{ property: 'advanced', is: 'eq', value: true }], value: 1, window: { length: DAY, anchor: 'firstSeen' } }),
      },
      { name: 'away', when: did('feature_used', { compare: 'atMost', value: 0, window: { length: 14 * DAY } }) },
    ],
  },
  {
    id: 'funnel',
    members: [
      {
        name: 'set up',
        when: {
          kind: 'sequence',
          steps: ['signed_up', 'step_completed', 'invited'].map((event) => ({ event, where: [] })),
          within: 7 * DAY,
          without: [{ event: 'step_skipped', where: [], after: 0 }],
        },
      },
      { name: 'started', when: { kind: 'sequence', steps: ['signed_up', 'step_completed'].map((event) => ({ event, where: [] })) } },
    ],
  },
  {
    id: 'kind',
    members: [
      {
        name: 'owner',
        when: {
          kind: 'all',
          of: [
            { kind: 'trait', test: { property: 'company.size', is: 'gte', value: 10 } },
            { kind: 'occurrence', which: 'last', match: { event: 'signed_in', where: [] }, test: { property: 'role', is: 'in', value: ['owner', 'admin'] } },
          ],
        },
      },
      {
        name: 'member',
        when: {
          kind: 'any',
          of: [
            { kind: 'trait', test: { property: 'tags', is: 'contains', value: "it's" } },
            {
              kind: 'occurrence',
              which: 'first',
              match: { event: 'invited', where: [{ property: 'via', is: 'ne', value: 'link' }] },
              test: { property: 'by', is: 'exists', value: true },
            },
          ],
        },
      },
    ],
  },
  { id: 'rhythm', members: [{ name: 'steady', when: { kind: 'holding', from: active, until: { kind: 'inactive', for: 7 * DAY } } }] },
  {
    id: 'care',
    members: [
      {
        name: 'call',
        when: {
          kind: 'all',
          of: [
            { kind: 'inSegment', segment: 'engagement', member: 'at-risk', for: 3 * DAY },
            { kind: 'inSegment', segment: 'kind', member: 'owner' },
          ],
        },
      },
    ],
  },
]

const PARSERS: Readonly<Record<DialectName, Dialect>> = {
  duckdb: Dialect.DuckDB,
  postgres: Dialect.PostgreSQL,
  bigquery: Dialect.BigQuery,
  snowflake: Dialect.Snowflake,
  clickhouse: Dialect.ClickHouse,
}

describe.each(DIALECTS)('the SQL of %s', (dialect) => {
  it.each(SEGMENTS.map((segment) => [segment.id, segment] as const))('of %s', async (id, segment) => {
    const sql = segmentSql(segment, { dialect, segments: SEGMENTS, at: Date.UTC(2026, 7, 1) })
    expect(parse(sql, PARSERS[dialect]), sql).toMatchObject({ success: true })
    await expect(`${sql}\n`).toMatchFileSnapshot(`__fixtures__/sql/${dialect}/${id}.sql`)
  })

  it('now, since when, of a view in a schema', async () => {
    const sql = segmentSql(SEGMENTS[0] as Segment, { dialect, at: 'now', since: true, events: 'lake.events', sessionGap: '1h' })
    expect(parse(sql, PARSERS[dialect]), sql).toMatchObject({ success: true })
    await expect(`${sql}\n`).toMatchFileSnapshot(`__fixtures__/sql/${dialect}/engagement-now.sql`)
  })
})
