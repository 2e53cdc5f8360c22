import { type Ban, type CanonicalEvent, type Parsed, type Plan, validateEvent, withoutNobody } from '@waymark/core'

/** The event as the plan has it, without ids that are nobody's; a reason where there is nothing left of it, or where it does not fit. */
export function holdToPlan(plan: Plan, ban: Ban, event: CanonicalEvent): Parsed<CanonicalEvent> {
  const somebodys = withoutNobody(event, ban)
  if (!somebodys.ok) return somebodys
  const valid = validateEvent(plan, somebodys.value)
  return valid.ok && somebodys.leftOut !== undefined ? { ...valid, leftOut: somebodys.leftOut } : valid
}
