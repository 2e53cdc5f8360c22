import type { IdentityKey, Transaction } from '@waymark/core'
import { createTurns, transactionOver } from '@waymark/core/store-kit'
import { claim, type Forgetting } from './claims.ts'
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
import type { Session } from './session.ts'
import { tell, told } from './told.ts'
import { allowMerge, areApart, unmerge } from './unmerge.ts'
import type { Value } from './values.ts'

/** What has become of a transaction so far. */
export interface Progress {
  /** Whether anything was asked of the server: BEGIN goes with the first. */
  begun: boolean
  /** Whether anything is to be written. */
  wrote: boolean
  over: boolean
  failure: unknown
  /** The newest log entry, its own included. */
  seq: number
}

export interface Running extends Progress {
  readonly tx: Transaction
  /** Resolves when everything that was asked for before has been done, or at least sent. */
  idle(): Promise<void>
}

export function runTransaction(session: Session, place: string, forgetting: Forgetting, committedSeq: number): Running {
  const progress: Progress = { begun: false, wrote: false, over: false, failure: undefined, seq: committedSeq }
  const turns = createTurns()
  let batch: number | undefined
  /** A commit of new users links each of them: what comes in a row is sent together, before anything else is. */
  const linked = new Map<IdentityKey, string>()

  const connection: Connection = {
    async all<Row>(sql: string, ...values: Value[]) {
      assertRunning()
      return session.all<Row>(sql, ...values)
    },
    tell(sql, ...values) {
      assertRunning()
      session.all(sql, ...values).catch(fail)
    },
  }

  /** What comes late must not be sent: the transaction has ended on the server, and it would be one of its own. */
  function assertRunning(): void {
    if (progress.over) throw transactionOver(place)
  }

  function fail(error: unknown): void {
    // What comes after the first failure only says that there was one.
    progress.failure ??= writeFailed(place, error)
  }

  /** One call at a time, so that what one does in several statements is never mixed with another's. */
  function inTurn<Values extends readonly unknown[], Result>(act: (...values: Values) => Result | Promise<Result>): (...values: Values) => Promise<Result> {
    return (...values) =>
      turns.take(async () => {
        assertRunning()
        if (progress.failure !== undefined) throw progress.failure
        if (!progress.begun) connection.tell('BEGIN READ WRITE')
        progress.begun = true
        try {
          return await act(...values)
        } catch (error) {
          fail(error)
          throw progress.failure
        }
      })
  }
  const reading = <Values extends readonly unknown[], Result>(act: (...values: Values) => Promise<Result>) =>
    inTurn((...values: Values) => {
      sendLinks()
      return act(...values)
    })
  const writing = <Values extends readonly unknown[], Result>(act: (...values: Values) => Result | Promise<Result>) =>
    inTurn((...values: Values) => {
      progress.wrote = true
      sendLinks()
      return act(...values)
    })

  function sendLinks(): void {
    link(connection, linked)
    linked.clear()
  }

  const tx: Transaction = {
    claim: writing((events, now) => claim(connection, events, now, forgetting)),
    profilesOf: reading((keys) => profilesOf(connection, keys)),
    link: inTurn((keys, profile) => {
      progress.wrote = true
      for (const key of keys) linked.set(key, profile)
    }),
    keysOf: reading((profile) => keysOf(connection, profile)),
    merge: writing((from, into, now) => merge(connection, from, into, now, progress.seq)),
    unmerge: writing((parting) => unmerge(connection, parting, progress.seq)),
    areApart: reading((one, other) => areApart(connection, one, other)),
    allowMerge: writing((one, other) => allowMerge(connection, one, other)),
    record: writing((entries) => record(connection, entries)),
    journal: reading((filter) => journal(connection, filter)),
    decisions: reading((filter) => decisions(connection, filter)),
    append: writing((entries) => {
      const written = append(connection, entries, progress.seq, batch)
      batch ??= written[0]
      progress.seq += written.length
      return written
    }),
    drop: writing((which) => drop(connection, which)),
    history: reading((profile, upTo) => history(connection, profile, upTo)),
    snapshots: reading((profiles) => snapshots(connection, profiles)),
    decide: writing((made) => decide(connection, made)),
    quarantine: writing((items, now) => quarantine(connection, items, now)),
    requarantine: writing((items) => requarantine(connection, items)),
    removeQuarantined: writing((filter) => removeQuarantined(connection, filter)),
    answer: writing((profile, key, interaction, at) => answer(connection, profile, key, interaction, at)),
    due: reading((channel, now, limit) => due(connection, channel, now, limit)),
    lease: writing((keys, until, now) => lease(connection, keys, until, now)),
    endLeases: writing((channel) => endLeases(connection, channel)),
    settle: writing((key, result) => settle(connection, key, result)),
    told: reading((profiles) => told(connection, profiles)),
    tell: writing((items) => tell(connection, items)),
    requestErasure: writing((request) => requestErasure(connection, request)),
    settleErasure: writing((erasure) => settleErasure(connection, erasure)),
    setCursor: writing((name, value) => setCursor(connection, name, value)),
    deadLetter: writing((letters) => deadLetter(connection, letters)),
    dueDeadLetters: reading((plugin, now, limit) => dueDeadLetters(connection, plugin, now, limit)),
    retryDeadLetters: writing((filter, now) => retryDeadLetters(connection, filter, now)),
    removeDeadLetters: writing((filter) => removeDeadLetters(connection, filter)),
    expire: writing((kind, bound) => expire(connection, kind === 'dead letters' ? 'dead_letters' : 'quarantine', bound)),
    checkpoint: writing((taken) => checkpoint(connection, taken)),
  }
  return Object.assign(progress, { tx, idle: () => turns.take(() => (progress.failure === undefined ? sendLinks() : undefined)) })
}
