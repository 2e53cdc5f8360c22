import type { Segment } from '../segment.ts'
import type { Condition } from './ast.ts'

/** Visits a condition and all conditions inside it, each before its parts, with its place under the first one's. */
export function walk(condition: Condition, place: string, visit: (condition: Condition, place: string) => void): void {
  visit(condition, place)
  if (condition.kind === 'not') walk(condition.of, `${place}.of`, visit)
  if (condition.kind === 'holding') {
    walk(condition.from, `${place}.from`, visit)
    walk(condition.until, `${place}.until`, visit)
  }
  if (condition.kind !== 'all' && condition.kind !== 'any') return
  for (const [index, part] of condition.of.entries()) walk(part, `${place}.of[${index}]`, visit)
}

/** Ids of the segments that a condition asks for, each once. */
export function segmentsIn(condition: Condition): readonly string[] {
  const found = new Set<string>()
  walk(condition, '', (part) => {
    if (part.kind === 'inSegment') found.add(part.segment)
  })
  return [...found]
}

/** The segments that a condition asks for and those that these ask for, each once; of `segments`, which hold them all. */
export function segmentsBehind(condition: Condition, segments: readonly Segment[]): readonly Segment[] {
  const found = new Set<Segment>()
  function follow(one: Condition): void {
    for (const id of segmentsIn(one)) {
      const segment = segments.find((other) => other.id === id)
      if (segment === undefined || found.has(segment)) continue
      found.add(segment)
      for (const { when } of segment.members) follow(when)
    }
  }
  follow(condition)
  return [...found]
}
