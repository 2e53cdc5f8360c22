import { keyOf } from '../ledger.ts'
import type { Facts, Violation } from './facts.ts'

/** What a client was told the host has, the host has, once. What it was told does not fit is kept too. */
export function acknowledged({ ledger, log, quarantined, deniesAnalytics }: Facts): readonly Violation[] {
  const violations: Violation[] = []
  const counts = new Map<string, number>()
  for (const { input } of log) if (input.kind === 'event') counts.set(keyOf(input.event), (counts.get(keyOf(input.event)) ?? 0) + 1)
  const misfits = new Set(quarantined.flatMap((one) => ('event' in one ? [keyOf(one.event)] : [])))

  for (const [key, count] of counts) if (count > 1) violations.push({ check: 'event doubled', what: `${key} is in the log ${count} times` })
  for (const [key, { event, answers }] of ledger.events) {
    if (answers.length === 0) violations.push({ check: 'event never taken', what: `${key} was sent until the end and never acknowledged` })
    const told = new Set(answers.map(({ outcome }) => outcome.status))
    // Of somebody who denies analytics an event may have been refused, in an answer that got lost, before it was a duplicate.
    const isExpected = told.has('accepted') || (told.has('duplicate') && !deniesAnalytics)
    if (isExpected && !counts.has(key))
      violations.push({ check: 'event lost', what: `${key} was acknowledged as ${[...told].join(', ')} and is not in the log` })
    if (told.has('quarantined') && !misfits.has(key)) violations.push({ check: 'quarantine lost', what: `${key} was quarantined and is not there` })
    if (event.event === 'not_in_the_plan' && counts.has(key)) violations.push({ check: 'misfit taken', what: `${key} is in the log and fits no plan` })
  }
  for (const { key, interaction } of ledger.replies) {
    if (!counts.has(`waymark/${key}:${interaction}`) && !deniesAnalytics)
      violations.push({ check: 'answer lost', what: `${key} was ${interaction} and is not in the log` })
  }
  return violations
}
