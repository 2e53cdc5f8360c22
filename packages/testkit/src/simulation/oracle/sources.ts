import { keyOf } from '../ledger.ts'
import type { Facts, Violation } from './facts.ts'

/** What a source was asked to go on after is in the log, and in the end that is all there is. How often it is there is for others to say. */
export function sources({ ledger, log }: Facts): readonly Violation[] {
  const logged = new Set(log.flatMap(({ input }) => (input.kind === 'event' ? [keyOf(input.event)] : [])))
  return ledger.exported.flatMap(({ event, isPassed }): readonly Violation[] => {
    if (!isPassed) return [{ check: 'export never taken', what: `${keyOf(event)} was there until the end, and its source was never asked to go on after it` }]
    return logged.has(keyOf(event))
      ? []
      : [{ check: 'export lost', what: `the source of ${keyOf(event)} was asked to go on after it, and it is not in the log` }]
  })
}
