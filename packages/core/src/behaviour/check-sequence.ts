import type { Plan } from '../plan/plan.ts'
import { at, expectKnownFields, expectObject, type Report, show } from '../problem.ts'
import { checkLength, checkMatch, checkTest, eventShape } from './check-match.ts'

const MOST_STEPS = 32

export function checkSequence({ steps, within, without }: Record<string, unknown>, plan: Plan | undefined, place: string, report: Report): void {
  if (!Array.isArray(steps) || steps.length < 2 || steps.length > MOST_STEPS) {
    report(
      at(place, 'steps'),
      `a sequence has from 2 to ${MOST_STEPS} steps, not ${Array.isArray(steps) ? steps.length : show(steps)}`,
      'for a single event write did(…)',
    )
    return
  }
  for (const [index, step] of steps.entries()) checkPart(step, plan, `${at(place, 'steps')}[${index}]`, report)
  if (within !== undefined) checkLength(within, at(place, 'within'), report)
  if (without === undefined) return
  if (!Array.isArray(without)) {
    report(at(place, 'without'), `expected a list, found ${show(without)}`, 'write [{ event, where, after: 0 }]')
    return
  }
  for (const [index, exclusion] of without.entries()) {
    const there = `${at(place, 'without')}[${index}]`
    if (!checkPart(exclusion, plan, there, report, ['after'])) continue
    const { after } = exclusion
    if (Number.isSafeInteger(after) && (after as number) >= 0 && (after as number) < steps.length - 1) continue
    report(
      at(there, 'after'),
      `${show(after)} is not a step that another one follows`,
      steps.length === 2 ? 'write 0, for between the two' : `write from 0 to ${steps.length - 2}: 0 is between the first step and the second`,
    )
  }
}

export function checkOccurrence({ which, match, test }: Record<string, unknown>, plan: Plan | undefined, place: string, report: Report): void {
  if (which !== 'first' && which !== 'last') report(at(place, 'which'), `${show(which)} is neither`, "use 'first' or 'last'")
  const isMatch = checkPart(match, plan, at(place, 'match'), report)
  checkTest(test, at(place, 'test'), report, isMatch ? eventShape(match['event'], plan) : undefined)
}

function checkPart(part: unknown, plan: Plan | undefined, place: string, report: Report, more: readonly string[] = []): part is Record<string, unknown> {
  if (!expectObject(part, place, `write { ${['event', 'where', ...more].join(', ')} }`, report)) return false
  expectKnownFields(part, ['event', 'where', ...more], place, report)
  checkMatch(part, plan, place, report)
  return true
}
