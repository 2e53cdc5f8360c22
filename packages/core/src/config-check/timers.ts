import { expectDuration, expectKnownFields, expectObject, type Report, show } from '../problem.ts'

export function checkTimers(timers: unknown, report: Report): void {
  if (timers === undefined || !expectObject(timers, 'timers', 'write { drainPerSecond, staleAfter }, each of them optional', report)) return
  expectKnownFields(timers, ['drainPerSecond', 'staleAfter'], 'timers', report)
  const { drainPerSecond, staleAfter } = timers
  if (staleAfter !== undefined) expectDuration(staleAfter, 'timers.staleAfter', report)
  if (drainPerSecond !== undefined && (!Number.isSafeInteger(drainPerSecond) || (drainPerSecond as number) < 1))
    report('timers.drainPerSecond', `${show(drainPerSecond)} is not a whole number of profiles, 1 or more`, 'write for example 4000')
}
