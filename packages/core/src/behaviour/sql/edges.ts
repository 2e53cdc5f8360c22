import type { Condition, Did } from '../ast.ts'
import { ANY_ACTIVITY } from '../ast.ts'
import type { Query } from './query.ts'

/** Selects of the moments at which time alone may change a condition, with 0 as the place: no event goes with them. */
export function edgesOf(condition: Condition, query: Query): readonly string[] {
  const { source, dialect } = query
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap((part) => edgesOf(part, query))
    case 'not':
      return edgesOf(condition.of, query)
    case 'holding':
      return [...edgesOf(condition.from, query), ...edgesOf(condition.until, query)]
    case 'did':
      return edgesOfDid(condition, query)
    case 'inactive':
      return [after(condition.for, source.matches({ event: ANY_ACTIVITY, where: [] }), query)]
    case 'inSegment': {
      const segment = query.segment(condition.segment)
      const changes = segment.members.flatMap(({ when }) => edgesOf(when, query))
      if (condition.for === undefined) return changes
      const relation = query.timelines.since(segment)
      return [...changes, `SELECT profile, since + ${condition.for}, 0 FROM ${relation} WHERE member = ${dialect.text(condition.member)}`]
    }
    default:
      return []
  }
}

function edgesOfDid(did: Did, query: Query): readonly string[] {
  const { window } = did
  if (window === undefined) return []
  const sinceFirstSeen = after(window.length, 'place = 1', query)
  if (window.anchor === 'firstSeen') return [sinceFirstSeen]
  if (window.anchor === undefined) return [after(window.length, query.source.matches(did), query), ...(did.compare === 'atMost' ? [sinceFirstSeen] : [])]
  const { length, anchor } = window
  return [`SELECT profile, MIN(ts) + ${length}, 0 FROM ${query.source.from} WHERE ${query.source.matches(anchor)} GROUP BY profile`]
}

function after(length: number, matches: string, { source }: Query): string {
  return `SELECT profile, ts + ${length}, 0 FROM ${source.from} WHERE ${matches}`
}
