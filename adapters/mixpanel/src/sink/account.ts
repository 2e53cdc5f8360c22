import type { DeliveryOutcome } from '@waymark/core'
import type { Row } from '../to-mixpanel.ts'
import { retry, type Verdict } from './verdict.ts'

/** A row and the place of its event in the delivery. */
export interface Numbered extends Row {
  readonly index: number
}

/** What has come of each event of a delivery so far. */
export interface Account {
  reject(index: number, reason: string): void
  /** These rows are to be sent. */
  expect(rows: readonly Numbered[]): void
  /** Enters what came of the rows of one request. */
  note(rows: readonly Numbered[], verdict: Verdict): void
  /** Whether rows of the event are still to be sent. */
  goesOn(index: number): boolean
  outcomes(): readonly DeliveryOutcome[]
}

/**
 * An event is delivered when all of its rows are. Nothing overtakes: from the first event that has to wait on, all that have rows left wait with it.
 * Once a row that must not happen twice may have arrived, its event is never sent again: what else of it fails is a rejection.
 */
export function createAccount(events: number): Account {
  const rejected = new Map<number, string>()
  const left = Array.from({ length: events }, () => 0)
  const counted = new Set<number>()
  let heldFrom = Number.POSITIVE_INFINITY
  let waiting: DeliveryOutcome = { status: 'retry', reason: 'it was not sent yet' }

  function outcomeOf(index: number): DeliveryOutcome {
    const reason = rejected.get(index)
    if (reason !== undefined) return { status: 'rejected', reason }
    if (left[index] === 0) return { status: 'delivered' }
    if (waiting.status !== 'retry' || !counted.has(index)) return waiting
    return { status: 'rejected', reason: `it may have been counted, so it is not sent again: ${waiting.reason}` }
  }

  return {
    reject: (index, reason) => void rejected.set(index, reason),
    expect(rows) {
      for (const { index } of rows) left[index]! += 1
    },
    note(rows, verdict) {
      if (verdict.kind === 'later') {
        heldFrom = Math.min(heldFrom, ...rows.map(({ index }) => index))
        waiting = retry(verdict)
      }
      for (const [place, { index, repeatable }] of rows.entries()) {
        const mayHaveArrived = verdict.kind === 'taken' || (verdict.kind === 'later' && verdict.maybeTaken)
        if (!repeatable && mayHaveArrived) counted.add(index)
        const reason = verdict.kind === 'partly' ? verdict.rejected.get(place) : verdict.kind === 'refused' ? verdict.reason : undefined
        if (reason !== undefined) rejected.set(index, reason)
        else if (verdict.kind !== 'later') left[index]! -= 1
      }
    },
    goesOn: (index) => !rejected.has(index) && index < heldFrom,
    outcomes: () => left.map((_, index) => outcomeOf(index)),
  }
}
