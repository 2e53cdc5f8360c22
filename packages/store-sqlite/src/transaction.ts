import type { Transaction } from '@waymark/core'
import { transactionOver } from '@waymark/core/store-kit'
import { claim } from './claims.ts'
import { drop } from './compaction.ts'
import type { Connection } from './connection.ts'
import { deadLetter, dueDeadLetters, removeDeadLetters, retryDeadLetters } from './dead-letters.ts'
import { requestErasure, settleErasure } from './erasures.ts'
import { writeFailed } from './errors.ts'
import { expire } from './filters.ts'
import { keysOf, link, merge, profilesOf } from './identities.ts'
import { journal, record } from './journal.ts'
import { decide, decisions } from './ledger.ts'
import { append, history, setCursor } from './log.ts'
import { answer, due, endLeases, lease, settle } from './messages.ts'
import { checkpoint, snapshots } from './profiles.ts'
import { quarantine, removeQuarantined, requarantine } from './quarantine.ts'
import { tell, told } from './told.ts'
import { allowMerge, areApart, unmerge } from './unmerge.ts'

/** All of `work` in one commit, or nothing of it. The caller sees to it that one runs at a time. */
export async function transact<T>(connection: Connection, path: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  execute(connection, path, 'BEGIN IMMEDIATE')
  const life: Life = { over: false, failure: undefined }
  try {
    const result = await work(transactionOn(connection, path, life))
    // A write failed and `work` went on as if it had not: half of what it meant must not be committed.
    if (life.failure !== undefined) throw life.failure
    execute(connection, path, 'COMMIT')
    return result
  } catch (error) {
    rollBack(connection)
    throw error
  } finally {
    life.over = true
  }
}

interface Life {
  over: boolean
  failure: unknown
}

function transactionOn(connection: Connection, path: string, life: Life): Transaction {
  let batch: number | undefined

  function within<Values extends readonly unknown[], Result>(act: (...values: Values) => Result): (...values: Values) => Promise<Result> {
    return async (...values) => {
      if (life.over) throw transactionOver(path)
      if (life.failure !== undefined) throw life.failure
      try {
        return act(...values)
      } catch (error) {
        life.failure = writeFailed(path, error)
        throw life.failure
      }
    }
  }

  return {
    claim: within((events, now) => claim(connection, events, now)),
    profilesOf: within((keys) => profilesOf(connection, keys)),
    link: within((keys, profile) => link(connection, keys, profile)),
    keysOf: within((profile) => keysOf(connection, profile)),
    merge: within((from, into, now) => merge(connection, from, into, now)),
    unmerge: within((parting) => unmerge(connection, parting)),
    areApart: within((one, other) => areApart(connection, one, other)),
    allowMerge: within((one, other) => allowMerge(connection, one, other)),
    record: within((entries) => record(connection, entries)),
    journal: within((filter) => journal(connection, filter)),
    decisions: within((filter) => decisions(connection, filter)),
    append: within((entries) => {
      const written = append(connection, entries, batch)
      batch ??= written[0]
      return written
    }),
    drop: within((which) => drop(connection, which)),
    history: within((profile, upTo) => history(connection, profile, upTo)),
    snapshots: within((profiles) => snapshots(connection, profiles)),
    decide: within((decisions) => decide(connection, decisions)),
    quarantine: within((items, now) => quarantine(connection, items, now)),
    requarantine: within((items) => requarantine(connection, items)),
    removeQuarantined: within((filter) => removeQuarantined(connection, filter)),
    answer: within((profile, key, interaction, at) => answer(connection, profile, key, interaction, at)),
    due: within((channel, now, limit) => due(connection, channel, now, limit)),
    lease: within((keys, until, now) => lease(connection, keys, until, now)),
    endLeases: within((channel) => endLeases(connection, channel)),
    settle: within((key, result) => settle(connection, key, result)),
    told: within((profiles) => told(connection, profiles)),
    tell: within((items) => tell(connection, items)),
    requestErasure: within((request) => requestErasure(connection, request)),
    settleErasure: within((erasure) => settleErasure(connection, erasure)),
    setCursor: within((name, value) => setCursor(connection, name, value)),
    deadLetter: within((letters) => deadLetter(connection, letters)),
    dueDeadLetters: within((plugin, now, limit) => dueDeadLetters(connection, plugin, now, limit)),
    retryDeadLetters: within((filter, now) => retryDeadLetters(connection, filter, now)),
    removeDeadLetters: within((filter) => removeDeadLetters(connection, filter)),
    expire: within((kind, bound) => expire(connection, kind === 'quarantine' ? 'quarantine' : 'dead_letters', bound)),
    checkpoint: within((taken) => checkpoint(connection, taken)),
  }
}

function execute({ database }: Connection, path: string, sql: string): void {
  try {
    database.exec(sql)
  } catch (error) {
    throw writeFailed(path, error)
  }
}

/** SQLite may have rolled back by itself, as it does on a full disk. Why it came to this matters more than how the way back went. */
function rollBack({ database }: Connection): void {
  try {
    if (database.isTransaction) database.exec('ROLLBACK')
  } catch {}
}
