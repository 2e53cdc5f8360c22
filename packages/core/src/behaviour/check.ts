import { isObject } from '../json.ts'
import type { Plan } from '../plan/plan.ts'
import { shapeOf } from '../plan/shape.ts'
import { didYouMean } from '../plan/suggest.ts'
import { at, expectKnownFields, expectObject, listed, type Problem, problemsOf, type Report, show } from '../problem.ts'
import type { Segment } from '../segment.ts'
import type { Condition } from './ast.ts'
import { checkDid, checkLength } from './check-did.ts'
import { checkMatch, checkTest } from './check-match.ts'

const MOST_STEPS = 32
const BUILD = "build it with the plan's behaviour, for example did('…').atLeast(1)"
const FIELDS: Readonly<Record<Condition['kind'], readonly string[]>> = {
  all: ['of'],
  any: ['of'],
  not: ['of'],
  did: ['event', 'where', 'measure', 'compare', 'value', 'across', 'window'],
  sequence: ['steps', 'within'],
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
  return problemsOf((report) => check(condition, { plan, segments, report }, place))
}

interface Scope {
  readonly plan: Plan | undefined
  readonly segments: readonly Segment[] | undefined
  readonly report: Report
}

function check(condition: unknown, scope: Scope, place: string): void {
  const { plan, report } = scope
  if (!expectObject(condition, place, BUILD, report)) return
  const { kind } = condition
  if (typeof kind === 'string' && Object.hasOwn(FIELDS, kind)) expectKnownFields(condition, ['kind', ...FIELDS[kind as Condition['kind']]], place, report)
  switch (kind) {
    case 'all':
    case 'any':
      checkParts(condition['of'], scope, at(place, 'of'))
      break
    case 'not':
      check(condition['of'], scope, at(place, 'of'))
      break
    case 'did':
      checkDid(condition, plan, place, report)
      break
    case 'sequence':
      checkSequence(condition, scope, place)
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

function checkSequence({ steps, within }: Record<string, unknown>, { plan, report }: Scope, place: string): void {
  if (!Array.isArray(steps) || steps.length < 2 || steps.length > MOST_STEPS) {
    report(
      at(place, 'steps'),
      `a sequence has from 2 to ${MOST_STEPS} steps, not ${Array.isArray(steps) ? steps.length : show(steps)}`,
      'for a single event write did(…)',
    )
  } else {
    for (const [index, step] of steps.entries()) {
      const there = `${at(place, 'steps')}[${index}]`
      if (expectObject(step, there, 'write { event, where }', report)) checkMatch(step, plan, there, report)
    }
  }
  if (within !== undefined) checkLength(within, at(place, 'within'), report)
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
