import { checkCondition } from '../behaviour/check.ts'
import { segmentsIn } from '../behaviour/walk.ts'
import { isObject } from '../json.ts'
import type { Plan } from '../plan/plan.ts'
import { at, expectKnownFields, expectObject, type Report, show } from '../problem.ts'
import type { Segment } from '../segment.ts'

const MEND = "make it with plan.segments('…', { … })"

export interface PlacedSegment {
  readonly place: string
  readonly segment: Segment
}

/** The segments that can be looked up by name. */
export function readSegments(segments: unknown, report: Report): readonly PlacedSegment[] {
  if (segments === undefined) return []
  if (!Array.isArray(segments)) {
    report('segments', `expected a list, found ${show(segments)}`, 'write [ … ]')
    return []
  }
  return segments.flatMap((segment: unknown, index) => {
    const place = placeOf('segments', segment, index)
    if (!expectObject(segment, place, MEND, report)) return []
    return hasMembers(segment, place, report) ? [{ place, segment }] : []
  })
}

/** Whether there are members that can be looked up by name, whatever their conditions are. */
export function hasMembers(segment: object, place: string, report: Report): segment is Segment {
  const { members } = segment as Record<string, unknown>
  if (Array.isArray(members) && members.length > 0 && members.every((member) => isObject(member) && typeof member['name'] === 'string')) return true
  report(at(place, 'members'), 'expected a list of members, each with a name and a condition', MEND)
  return false
}

export function checkSegments(placed: readonly PlacedSegment[], plan: Plan | undefined, report: Report): void {
  const segments = placed.map(({ segment }) => segment)
  const taken = new Map<string, string>()
  let sound = true
  for (const { place, segment } of placed) {
    expectKnownFields(segment, ['id', 'members'], place, report)
    checkId(segment.id, place, taken, report)
    if (!checkMembers(segment, place, plan, segments, report)) sound = false
  }
  if (sound) checkCycles(placed, report)
}

/** Whether the members' conditions can be read. Without `segments` those that they ask for are not looked up. */
export function checkMembers(segment: Segment, place: string, plan: Plan | undefined, segments: readonly Segment[] | undefined, report: Report): boolean {
  const names = new Map<string, string>()
  let sound = true
  for (const [index, member] of segment.members.entries()) {
    const memberPlace = `${at(place, `members[${index}]`)} '${member.name}'`
    expectKnownFields(member, ['name', 'when'], memberPlace, report)
    checkId(member.name, memberPlace, names, report, 'name')
    if (isLastResort(segment, index)) {
      expectKnownFields(member.when, ['kind'], at(memberPlace, 'when'), report)
      if (index === 0) report(at(memberPlace, 'when'), "'otherwise' alone is everybody", 'write another member before it')
      continue
    }
    const problems = checkCondition(member.when, plan, at(memberPlace, 'when'), segments)
    if (problems.length > 0) sound = false
    for (const problem of problems) report(problem.place, problem.message, problem.mend)
  }
  return sound
}

function isLastResort({ members }: Segment, index: number): boolean {
  const when: unknown = members[index]?.when
  return index === members.length - 1 && isObject(when) && when['kind'] === 'otherwise'
}

/** `rules[2] 'come-back'`. */
export function placeOf(list: string, item: unknown, index: number): string {
  const id = isObject(item) ? item['id'] : undefined
  return `${list}[${index}]${typeof id === 'string' && id !== '' ? ` '${id}'` : ''}`
}

export function checkId(id: unknown, place: string, taken: Map<string, string>, report: Report, field = 'id'): void {
  if (typeof id !== 'string' || id === '') report(at(place, field), `expected a name, found ${show(id)}`, 'give it one')
  // What every object inherits would be taken for a membership or a standing.
  else if (id in {}) report(at(place, field), `'${id}' cannot be a name: every object of JavaScript has it`, 'give it another')
  else if (taken.has(id)) report(at(place, field), `${taken.get(id)} has the same ${field}`, 'give one of the two another')
  else taken.set(id, place)
}

/** Reports the segments whose answer depends on itself, each circle once. One that is not there is in none. */
export function checkCycles(placed: readonly PlacedSegment[], report: Report): void {
  const byId = new Map(placed.map((one) => [one.segment.id, one]))
  const done = new Set<string>()
  function visit(id: string, path: readonly string[]): void {
    const start = path.indexOf(id)
    const there = byId.get(id)
    if (there === undefined) return
    const { place, segment } = there
    if (start >= 0) report(place, `its members depend on themselves: ${[...path.slice(start), id].join(' → ')}`, 'take one inSegment(…) of this circle out')
    if (done.has(id)) return
    done.add(id)
    const asked = new Set(segment.members.flatMap(({ when }) => segmentsIn(when)))
    for (const next of asked) visit(next, [...path, id])
  }
  for (const id of byId.keys()) visit(id, [])
}
