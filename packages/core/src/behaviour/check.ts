import { isObject, same } from '../json.ts'
import type { Plan } from '../plan/plan.ts'
import { shapeOf } from '../plan/shape.ts'
import { didYouMean } from '../plan/suggest.ts'
import { at, expectKnownFields, expectObject, listed, type Problem, problemsOf, type Report, show } from '../problem.ts'
import type { Segment } from '../segment.ts'
import type { Condition } from './ast.ts'
import { checkDid } from './check-did.ts'
import { checkLength, checkTest } from './check-match.ts'
import { checkOccurrence, checkSequence } from './check-sequence.ts'

/** Conditions in conditions: a most, so that no reading of one from a file can exhaust the stack. */
const MOST_DEEP = 64
const BUILD = "build it with the plan's behaviour, for example did('…').atLeast(1)"
const FIELDS: Readonly<Record<Condition['kind'], readonly string[]>> = {
  all: ['of'],
  any: ['of'],
  not: ['of'],
  holding: ['from', 'until'],
  did: ['event', 'where', 'measure', 'compare', 'value', 'across', 'window'],
  sequence: ['steps', 'within', 'without'],
  occurrence: ['which', 'match', 'test'],
  inactive: ['for'],
  trait: ['test'],
  inSegment: ['segment', 'member', 'for'],
  otherwise: [],
}

/**
 * What is wrong with a condition, also with one that came from a file and may be of any shape. Without `plan` events are
 * not looked up, and without `segments` segments are not. An `otherwise` is always wrong here: only a segment has a place for it.
 */
export function checkCondition(condition: unknown, plan: Plan | undefined, place: string, segments?: readonly Segment[]): readonly Problem[] {
  return problemsOf((report) => check(condition, { plan, segments, report, depth: 1 }, place))
}

interface Scope {
  readonly plan: Plan | undefined
  readonly segments: readonly Segment[] | undefined
  readonly report: Report
  readonly depth: number
}

function check(condition: unknown, scope: Scope, place: string): void {
  const { plan, report } = scope
  if (scope.depth > MOST_DEEP) {
    report(place, `more than ${MOST_DEEP} conditions lie one in the other`, 'make one list of lists of the same kind, or a segment of a part of it')
    return
  }
  const inside: Scope = { ...scope, depth: scope.depth + 1 }
  if (!expectObject(condition, place, BUILD, report)) return
  const { kind } = condition
  if (typeof kind === 'string' && Object.hasOwn(FIELDS, kind)) expectKnownFields(condition, ['kind', ...FIELDS[kind as Condition['kind']]], place, report)
  switch (kind) {
    case 'all':
    case 'any':
      checkParts(condition['of'], inside, at(place, 'of'))
      break
    case 'not':
      check(condition['of'], inside, at(place, 'of'))
      break
    case 'holding':
      check(condition['from'], inside, at(place, 'from'))
      check(condition['until'], inside, at(place, 'until'))
      if (isObject(condition['from']) && same(condition['from'], condition['until']))
        report(at(place, 'until'), 'what begins it also ends it, so it never holds', 'write another condition to end it, such as a lower threshold')
      break
    case 'did':
      checkDid(condition, plan, place, report)
      break
    case 'sequence':
      checkSequence(condition, plan, place, report)
      break
    case 'occurrence':
      checkOccurrence(condition, plan, place, report)
      break
    case 'inactive':
      checkLength(condition['for'], at(place, 'for'), report)
      break
    case 'trait':
      checkTest(condition['test'], at(place, 'test'), report, shapeOf(plan?.traits))
      break
    case 'inSegment':
      checkInSegment(condition, scope, place)
      break
    case 'otherwise':
      report(place, "'otherwise' stands only as the last member of a segment", 'move it to the end of the segment, or write out what you mean')
      break
    default:
      checkForeign(condition, place, report)
  }
}

function checkForeign(value: Record<string, unknown>, place: string, report: Report): void {
  const { kind, condition } = value
  if (isObject(condition))
    report(place, "this is a builder's value, not the condition it builds", 'take its `.condition`, or let plan.rule(…) and plan.segments(…) do so')
  else report(at(place, 'kind'), `${show(kind)} is not a condition.${typeof kind === 'string' ? didYouMean(kind, Object.keys(FIELDS)) : ''}`, BUILD)
}

function checkParts(parts: unknown, scope: Scope, place: string): void {
  if (!Array.isArray(parts) || parts.length === 0) scope.report(place, 'expected a list of conditions', 'write at least one condition')
  else for (const [index, part] of parts.entries()) check(part, scope, `${place}[${index}]`)
}

function checkInSegment({ segment, member, for: wait }: Record<string, unknown>, { segments, report }: Scope, place: string): void {
  if (wait !== undefined) checkLength(wait, at(place, 'for'), report)
  if (segments === undefined) return
  const found = segments.find(({ id }) => id === segment)
  if (found === undefined) {
    const meant = didYouMean(
      String(segment),
      segments.map(({ id }) => id),
    )
    report(at(place, 'segment'), `there is no segment ${show(segment)}.${meant}`, "add it to the config's segments, or name one that is there")
    return
  }
  const names = found.members.map(({ name }) => name)
  if (names.includes(member as string)) return
  report(at(place, 'member'), `segment '${found.id}' has no member ${show(member)}.${didYouMean(String(member), names)}`, `name one of ${listed(names)}`)
}
