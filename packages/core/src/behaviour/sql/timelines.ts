import type { Segment } from '../../segment.ts'
import type { Holding } from '../ast.ts'
import { describe } from '../english.ts'
import { read, readMember } from './condition.ts'
import { edgesOf } from './edges.ts'
import type { Query, Timelines } from './query.ts'
import { createReading, type Reading } from './reading.ts'
import { indent, NEVER, select } from './select.ts'

/**
 * What depends on the way here, and not on the state of things alone, is read off a timeline: a row for each moment from which
 * on something holds, with the moment of the next row.
 */
export function timelinesOf(query: Query): Timelines {
  return { holding: (holding) => holdingOf(holding, query), since: (segment) => sinceOf(segment, query) }
}

const IN_ORDER = 'PARTITION BY profile ORDER BY moment, upto'
const NEXT: readonly string[] = [`LEAD(moment, 1, ${NEVER}) OVER (${IN_ORDER}) AS next_moment`, `LEAD(upto, 1, 0) OVER (${IN_ORDER}) AS next_upto`]

/** Held from the last moment at which it began, unless it ended since. */
function holdingOf(holding: Holding, query: Query): string {
  return query.once('holding', JSON.stringify(holding), (name) => {
    const reading = readingOver(momentsOf(name, query, edgesOf(holding, query)), name, query)
    const from = read(holding.from, reading)
    const until = read(holding.until, reading)
    const keys = ['profile', 'moment', 'upto']
    const turn = `ROW_NUMBER() OVER (${IN_ORDER}) AS turn`
    const turns = select({ columns: [...keys, `${from} AS begins`, `${until} AS ends`, turn], from: reading.build() })
    const newest = (when: string) => `COALESCE(MAX(CASE ${when} END) OVER (${IN_ORDER}), 0)`
    const held = `${newest('WHEN begins THEN turn')} > ${newest('WHEN ends THEN turn')}`
    query.add(`${name}_turns`, turns)
    const value = `CASE\n  WHEN ends THEN FALSE\n  WHEN ${held} THEN TRUE\n  WHEN begins IS NULL THEN NULL\n  ELSE FALSE\nEND AS value`
    query.add(name, select({ columns: [...keys, value, ...NEXT], from: `${name}_turns` }), describe(holding))
  })
}

/** One row for each stay in a member, from the moment it began; a row without a member for each time in none. */
function sinceOf(segment: Segment, query: Query): string {
  return query.once('since', segment.id, (name) => {
    const edges = segment.members.flatMap(({ when }) => edgesOf(when, query))
    const reading = readingOver(momentsOf(name, query, edges), name, query)
    const member = readMember(segment, reading)
    const columns = ['profile', 'moment', 'upto', `COALESCE(${member}, '') AS entered`, `COALESCE(LAG(${member}) OVER (${IN_ORDER}), '') AS left_behind`]
    query.add(`${name}_changes`, select({ columns, from: reading.build() }))
    const stays = ['profile', 'moment', 'upto', "NULLIF(entered, '') AS member", "CASE WHEN entered <> '' THEN moment END AS since", ...NEXT]
    query.add(name, select({ columns: stays, from: `${name}_changes`, where: 'entered <> left_behind' }), `segment ${segment.id}, and since when`)
  })
}

function readingOver(moments: string, name: string, query: Query): Reading {
  return createReading(query, { kind: 'moments', relation: moments }, `${name}_`)
}

/** Every moment at which something may change: each event, and after all events of its millisecond each edge of a window. */
function momentsOf(name: string, query: Query, edges: readonly string[]): string {
  const relation = `${name}_moments`
  const all = [`SELECT profile, ts AS moment, place FROM ${query.source.from}`, ...new Set(edges)].join('\nUNION ALL\n')
  const upto = 'CASE WHEN place > 0 THEN place ELSE MAX(place) OVER (PARTITION BY profile ORDER BY moment) END AS upto'
  const where = query.until === undefined ? undefined : `moment <= ${query.until}`
  query.add(relation, select({ columns: ['profile', 'moment', upto], distinct: true, from: `(\n${indent(all)}\n) AS edges`, where }))
  return relation
}
