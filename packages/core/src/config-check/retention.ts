import { at, expectDuration, expectKnownFields, expectObject, type Report, show } from '../problem.ts'

export function checkRetention(retention: unknown, report: Report): void {
  if (retention === undefined || !expectObject(retention, 'retention', 'write { deadLetters, quarantine, log }, each of them optional', report)) return
  expectKnownFields(retention, ['deadLetters', 'quarantine', 'log'], 'retention', report)
  for (const field of ['deadLetters', 'quarantine']) if (retention[field] !== undefined) checkKept(retention[field], at('retention', field), report)
  if (retention['log'] !== undefined) checkLog(retention['log'], 'retention.log', report)
}

function checkLog(log: unknown, place: string, report: Report): void {
  if (!expectObject(log, place, "write for example { age: '90d' }, or leave it out to keep every event", report)) return
  expectKnownFields(log, ['age'], place, report)
  expectDuration(log['age'], at(place, 'age'), report)
}

function checkKept(kept: unknown, place: string, report: Report): void {
  if (!expectObject(kept, place, "write for example { age: '14d', max: 100_000 }", report)) return
  expectKnownFields(kept, ['age', 'max'], place, report)
  const { age, max } = kept
  if (age !== undefined) expectDuration(age, at(place, 'age'), report)
  if (max !== undefined && (!Number.isSafeInteger(max) || (max as number) < 1))
    report(at(place, 'max'), `${show(max)} is not a whole number of entries, 1 or more`, 'write for example 100_000')
}
