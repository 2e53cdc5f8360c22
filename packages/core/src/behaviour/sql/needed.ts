import { WaymarkError } from '../../errors.ts'
import type { Segment } from '../../segment.ts'
import type { Condition } from '../ast.ts'
import { walk } from '../walk.ts'

/** The conditions of segments and of all segments they ask for, with all their parts. Throws `SEGMENT_CYCLE` where one asks for itself. */
export function neededBy(asked: readonly Segment[], segments: readonly Segment[]): readonly Condition[] {
  const found: Condition[] = []
  const done = new Set<string>()
  const open = new Set<string>()
  function visit(segment: Segment): void {
    if (open.has(segment.id)) throw new WaymarkError('SEGMENT_CYCLE', `segment '${segment.id}' depends on itself`)
    if (done.has(segment.id)) return
    open.add(segment.id)
    for (const { when } of segment.members) {
      walk(when, '', (part) => {
        found.push(part)
        const other = part.kind === 'inSegment' ? segments.find(({ id }) => id === part.segment) : undefined
        if (other !== undefined) visit(other)
      })
    }
    open.delete(segment.id)
    done.add(segment.id)
  }
  asked.forEach(visit)
  return found
}

/** Whether it depends on the way here, and not on the state of things alone. */
export function isTimed(condition: Condition): boolean {
  return condition.kind === 'holding' || (condition.kind === 'inSegment' && condition.for !== undefined)
}

export function countsSessions(condition: Condition): boolean {
  return condition.kind === 'did' && (condition.measure.of === 'sessions' || condition.across?.sessions !== undefined)
}
