import { type CanonicalEvent, createBan, type IngestOutcome, type NewQuarantined, planFingerprint, type Transaction, type WaymarkConfig } from '@waymark/core'
import { holdToPlan } from './hold-to-plan.ts'
import type { Work } from './pipeline.ts'
import type { Resolved } from './resolve-identities.ts'
import type { Erased } from './tombstones.ts'

/** An event of the commit that fits the plan and is new. */
export interface Incoming {
  /** Of its work. */
  readonly index: number
  readonly event: CanonicalEvent
  /** Absent until it is known, and where it concerns nobody. */
  owner?: Resolved | undefined
}

export interface Admitted {
  readonly incoming: readonly Incoming[]
  /** One per work: of events that go no further what becomes of them. */
  readonly outcomes: (IngestOutcome | undefined)[]
  readonly misfits: readonly NewQuarantined[]
  readonly leftOut: readonly string[]
}

const DUPLICATE: IngestOutcome = { status: 'duplicate' }
const ERASED: IngestOutcome = { status: 'refused', reason: 'the user was erased' }

/** Lets in what fits the plan, is of nobody who was erased and has not come before. */
export async function admit(config: WaymarkConfig, works: readonly Work[], tx: Transaction, now: number, erased: Erased): Promise<Admitted> {
  const outcomes: Admitted['outcomes'] = works.map(() => undefined)
  const misfits: NewQuarantined[] = []
  const leftOut: string[] = []
  const fitting: Incoming[] = []
  const ban = createBan(config.identity?.banned)
  for (const [index, work] of works.entries()) {
    if (work.kind !== 'event') continue
    const event = erased.without(work.event)
    if (event === undefined) {
      outcomes[index] = ERASED
      continue
    }
    const valid = holdToPlan(config.plan, ban, event)
    if (valid.ok) {
      fitting.push({ index, event: valid.value, owner: undefined })
      if (valid.leftOut !== undefined) leftOut.push(...valid.leftOut)
    } else {
      outcomes[index] = { status: 'quarantined', reason: valid.reason }
      misfits.push({ source: event.source, reason: valid.reason, version: planFingerprint(config.plan), event })
    }
  }
  const events = fitting.map(({ event }) => event)
  const isNew = await tx.claim(events, now)
  const incoming = fitting.filter(({ index }, position) => {
    if (isNew[position] !== true) outcomes[index] = DUPLICATE
    return isNew[position]
  })
  return { incoming, outcomes, misfits, leftOut }
}
