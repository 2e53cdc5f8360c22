import fc from 'fast-check'
import type { Condition } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Segment } from '../src/segment.ts'
import { conditionOver, length } from './arbitraries-conditions.ts'
import { inOrder, timesOf } from './naive-moments.ts'

export { history } from './arbitraries-history.ts'

/** Any condition that asks for no segment. */
export const condition: fc.Arbitrary<Condition> = conditionOver()

/** A condition that may ask for segments: by numbers as names, which `asking` makes those of segments that there are. */
const asks: fc.Arbitrary<Condition> = fc.record({ segment: fc.nat(3), member: fc.nat(3), for: fc.option(length, { nil: undefined }) }).map(
  ({ segment, member, for: wait }): Condition => ({
    kind: 'inSegment',
    segment: String(segment),
    member: String(member),
    ...(wait === undefined ? {} : { for: wait }),
  }),
)
const askingCondition = conditionOver(asks)

/** Some segments, in order of need: the later may ask for the earlier. */
export const segmentSet: fc.Arbitrary<readonly Segment[]> = fc
  .array(fc.record({ whens: fc.array(askingCondition, { minLength: 1, maxLength: 3 }), isExhaustive: fc.boolean() }), { minLength: 2, maxLength: 4 })
  .map((rows) => {
    const segments: Segment[] = []
    for (const [index, { whens, isExhaustive }] of rows.entries()) {
      const members = whens.map((when, place) => ({ name: `m${place}`, when: asking(when, segments) }))
      segments.push({ id: `s${index}`, members: isExhaustive ? [...members, { name: 'rest', when: { kind: 'otherwise' } }] : members })
    }
    return segments
  })

/** Segments, and conditions that may ask for any of them. */
export const scenario: fc.Arbitrary<{ readonly segments: readonly Segment[]; readonly conditions: readonly Condition[] }> = fc
  .record({ segments: segmentSet, conditions: fc.array(askingCondition, { minLength: 1, maxLength: 3 }) })
  .map(({ segments, conditions }) => ({ segments, conditions: conditions.map((one) => asking(one, segments)) }))

/** Every moment at which something in this history and these conditions and segments can change, and a millisecond to either side. */
export function edges(events: readonly CanonicalEvent[], conditions: readonly Condition[], segments: readonly Segment[] = []): readonly number[] {
  const parts = [...conditions, ...segments.flatMap(({ members }) => members.map(({ when }) => when))]
  const moments = [...events.map(({ timestamp }) => timestamp), ...parts.flatMap((part) => timesOf(part, events, segments))]
  return inOrder(moments.flatMap((at) => [at - 1, at, at + 1]))
}

function asking(one: Condition, segments: readonly Segment[]): Condition {
  switch (one.kind) {
    case 'all':
    case 'any':
      return { kind: one.kind, of: one.of.map((part) => asking(part, segments)) }
    case 'not':
      return { kind: 'not', of: asking(one.of, segments) }
    case 'holding': {
      const [from, until] = [asking(one.from, segments), asking(one.until, segments)]
      return { kind: 'holding', from, until: JSON.stringify(from) === JSON.stringify(until) ? { kind: 'not', of: from } : until }
    }
    case 'inSegment': {
      const segment = segments[Number(one.segment) % segments.length]
      if (segment === undefined) return { kind: 'inactive', for: one.for ?? 600_000 }
      return { ...one, segment: segment.id, member: segment.members[Number(one.member) % segment.members.length]?.name ?? '' }
    }
    default:
      return one
  }
}
