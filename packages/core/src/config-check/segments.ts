import { checkCondition } from '../behaviour/check.ts'
import { segmentsIn } from '../behaviour/walk.ts'
import { isObject } from '../json.ts'
import type { Plan } from '../plan/plan.ts'
import { at, expectKnownFields, expectObject, type Report, show } from '../problem.ts'
import type { Segment } from '../segment.ts'

const MEND = "make it with plan.segments('…', { … })"

/** The segments that can be looked up by name. */
export function readSegments(segments: unknown, report: Report): readonly Segment[] {
  if (segments === undefined) return []
  if (!Array.isArray(segments)) {
    report('segments', `expected a list, found ${show(segments)}`, 'write [ … ]')
    return []
  }
  return segments.filter((segment: unknown, index): segment is Segment => {
    const place = placeOf('segments', segment, index)
    if (!expectObject(segment, place, MEND, report)) return false
    const { members } = segment
    if (Array.isArray(members) && members.length > 0 && members.every((member) => isObject(member) && typeof member['name'] === 'string')) return true
    report(at(place, 'members'), 'expected a list of members, each with a name and a condition', MEND)
    return false
  })
}

export function checkSegments(all: unknown, segments: readonly Segment[], plan: Plan | undefined, report: Report): void {
  if (!Array.isArray(all)) return
  const taken = new Map<string, string>()
  let sound = true
  for (const segment of segments) {
    const place = placeOf('segments', segment, all.indexOf(segment))
    expectKnownFields(segment, ['id', 'members'], place, report)
    checkId(segment.id, place, taken, report)
    const names = new Map<string, string>()
    segment.members.forEach((member, index) => {
      const memberPlace = `${at(place, `members[${index}]`)} '${member.name}'`
      checkId(member.name, memberPlace, names, report, 'name')
      const last = index === segment.members.length - 1
      if (last && isObject(member.when) && member.when.kind === 'otherwise') {
        if (index === 0) report(at(memberPlace, 'when'), "'otherwise' alone is everybody", 'write another member before it')
        return
      }
      const problems = checkCondition(member.when, plan, at(memberPlace, 'when'), segments)
      if (problems.length > 0) sound = false
      for (const problem of problems) report(problem.place, problem.message, problem.mend)
    })
  }
  if (sound) checkCycles(all, segments, report)
}

/** `rules[2] 'come-back'`. */
export function placeOf(list: string, item: unknown, index: number): string {
  const id = isObject(item) ? item['id'] : undefined
  return `${list}[${index}]${typeof id === 'string' && id !== '' ? ` '${id}'` : ''}`
}

export function checkId(id: unknown, place: string, taken: Map<string, string>, report: Report, field = 'id'): void {
  if (typeof id !== 'string' || id === '') report(at(place, field), `expected a name, found ${show(id)}`, 'give it one')
  else if (taken.has(id)) report(at(place, field), `${taken.get(id)} has the same ${field}`, 'give one of the two another')
  else taken.set(id, place)
}

/** Reports each segment that its own answer depends on, once a circle. */
function checkCycles(all: readonly unknown[], segments: readonly Segment[], report: Report): void {
  const done = new Set<string>()
  const visit = (id: string, path: readonly string[]): void => {
    const start = path.indexOf(id)
    if (start >= 0) {
      const segment = segments.find((one) => one.id === id)
      const circle = [...path.slice(start), id].join(' → ')
      report(placeOf('segments', segment, all.indexOf(segment)), `its members depend on themselves: ${circle}`, 'take one inSegment(…) of this circle out')
    }
    if (done.has(id)) return
    done.add(id)
    const members = segments.find((one) => one.id === id)?.members ?? []
    const asked = new Set(members.flatMap(({ when }) => segmentsIn(when)))
    for (const next of asked) visit(next, [...path, id])
  }
  for (const { id } of segments) visit(id, [])
}
