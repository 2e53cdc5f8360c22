import type { Logger } from '@waymark/core'
import type { Committed } from './pipeline.ts'

/** One line of each kind a commit, however many there are: SDKs do not show the answer that says so. */
export function warnOf({ outcomes, refusals, leftOut }: Committed, logger: Logger): void {
  const reasons = outcomes.flatMap((outcome) => (outcome?.status === 'quarantined' ? [outcome.reason] : []))
  if (reasons.length > 0) logger.warn('events did not fit the plan and are in quarantine', { events: reasons.length, reason: reasons[0] })
  if (leftOut.length > 0) logger.warn('ids were left out of events, which are kept under their other id', { ids: leftOut.length, reason: leftOut[0] })
  const [refusal] = refusals
  if (refusal === undefined) return
  const { from, into, reason } = refusal
  logger.warn('ids were not merged; waymark identity shows them all', { ids: refusals.length, from, into, reason })
}
