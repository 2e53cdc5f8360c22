import type { Store } from '@waymark/core'
import { afterEach, beforeEach, describe } from 'vitest'
import { describeClaims } from './claims.ts'
import { describeCompaction } from './compaction.ts'
import { describeDeadLetters } from './dead-letters.ts'
import { describeErasures } from './erasures.ts'
import { describeIdentities } from './identities.ts'
import { describeJournal } from './journal.ts'
import { describeLedger } from './ledger.ts'
import { describeLog } from './log.ts'
import { describeOpening } from './opening.ts'
import { describeOutbox } from './outbox.ts'
import { describeQuarantine } from './quarantine.ts'
import { describeSnapshots } from './snapshots.ts'
import { describeTransactions } from './transactions.ts'
import { describeUnclear } from './unclear.ts'
import { describeUnmerges } from './unmerges.ts'

/**
 * What every store promises, through the contract of core alone: tests for whoever writes one. `makeStore` gives a new, empty, closed store each
 * time; with `isKept: false` one that holds nothing any more once it is closed. Call it in a test file, at the top.
 */
export function describeStore(name: string, makeStore: () => Store | Promise<Store>, { isKept = true }: { readonly isKept?: boolean } = {}): void {
  describe(`${name} keeps the store's contract`, () => {
    let store: Store
    beforeEach(async () => {
      store = await makeStore()
      await store.open()
    })
    afterEach(() => store.close())
    const opened = () => store

    describeTransactions(opened)
    describeLog(opened)
    describeCompaction(opened)
    describeClaims(opened)
    describeIdentities(opened)
    describeUnmerges(opened)
    describeJournal(opened)
    describeSnapshots(opened)
    describeLedger(opened)
    describeOutbox(opened)
    describeUnclear(opened)
    describeDeadLetters(opened)
    describeQuarantine(opened)
    describeErasures(opened)
    describeOpening(opened, makeStore, isKept)
  })
}
