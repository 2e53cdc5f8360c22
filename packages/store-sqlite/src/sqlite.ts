import { WaymarkError, type Store, type Transaction } from '@waymark/core'
import { cannotOpen, openDatabase, type Database } from './database.ts'
import * as ledger from './ledger.ts'
import * as log from './log.ts'
import * as messages from './messages.ts'
import { migrate } from './migrations.ts'
import * as profiles from './profiles.ts'

/**
 * The embedded store: one file, or `':memory:'` for what need not last. Nothing is touched before `open`.
 * Reads go over a connection of their own, so that they never see a transaction that is under way.
 */
export function sqlite(path: string): Store {
  let writer: Database | undefined
  let reader: Database | undefined
  let turn: Promise<unknown> = Promise.resolve()

  function opened(database: Database | undefined): Database {
    if (database === undefined) throw new WaymarkError('STORE_CLOSED', `the store ${path} is not open`)
    return database
  }

  /** One after the other, each when the one before has ended, well or not. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work)
    turn = result.catch(() => {})
    return result
  }

  /** A memory database has one connection only: its reads wait for the transaction under way. */
  async function read<T>(query: (database: Database) => T): Promise<T> {
    if (reader !== undefined) return query(reader)
    return inTurn(async () => query(opened(writer)))
  }

  async function transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return inTurn(async () => {
      const database = opened(writer)
      write(database, 'BEGIN IMMEDIATE')
      let result: T
      try {
        result = await work(transactionOn(database))
      } catch (error) {
        rollBack(database)
        throw error
      }
      write(database, 'COMMIT')
      return result
    })
  }

  function write(database: Database, sql: string): void {
    try {
      database.exec(sql)
    } catch (error) {
      rollBack(database)
      throw new WaymarkError('STORE_WRITE_FAILED', `${path} could not be written: ${error instanceof Error ? error.message : String(error)}`, {
        place: path,
        mend: 'check the space left on the disk and the rights on the file; nothing of this commit was kept',
        cause: error,
      })
    }
  }

  return {
    name: 'sqlite',
    async open() {
      if (writer !== undefined) return
      const database = openDatabase(path)
      try {
        migrate(database, path)
      } catch (error) {
        database.close()
        throw WaymarkError.is(error) ? error : cannotOpen(path, error)
      }
      writer = database
      if (path !== ':memory:') reader = openDatabase(path, { readOnly: true })
    },
    close: () =>
      inTurn(async () => {
        reader?.close()
        writer?.close()
        reader = undefined
        writer = undefined
      }),
    transaction,
    log: (after, limit) => read((database) => log.readLog(database, after, limit)),
    lastSeq: () => read(log.lastSeq),
    cursor: (name) => read((database) => database.get<{ value: string }>('SELECT value FROM cursors WHERE name = ?', name)?.value),
    profilesOf: (keys) => read((database) => profiles.profilesOf(database, keys)),
    history: (profile) => read((database) => log.history(database, profile, Number.MAX_SAFE_INTEGER)),
    profileIds: () => read(profiles.profileIds),
    snapshots: (ids) => read((database) => profiles.snapshots(database, ids)),
    wakes: () => read(profiles.wakes),
    decisions: (filter) => read((database) => ledger.decisions(database, filter)),
    quarantined: (limit) => read((database) => ledger.quarantined(database, limit)),
    deadLetters: (limit) => read((database) => ledger.deadLetters(database, limit)),
    message: (key) => read((database) => messages.message(database, key)),
    messages: (profile) => read((database) => messages.messagesOf(database, profile)),
    openMessages: (profile, channel) => read((database) => messages.openMessages(database, profile, channel)),
    nextDue: (channel) => read((database) => messages.nextDue(database, channel)),
  }
}

function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // SQLite has already rolled back by itself, as it does when the disk is full.
  }
}

function transactionOn(database: Database): Transaction {
  return {
    claim: async (events, now) => log.claim(database, events, now),
    profilesOf: async (keys) => profiles.profilesOf(database, keys),
    link: async (keys, profile) => profiles.link(database, keys, profile),
    merge: async (from, into, now) => profiles.merge(database, from, into, now),
    append: async (entries) => log.append(database, entries),
    history: async (profile, upTo) => log.history(database, profile, upTo ?? Number.MAX_SAFE_INTEGER),
    snapshots: async (ids) => profiles.snapshots(database, ids),
    decide: async (decisions) => ledger.decide(database, decisions),
    quarantine: async (items, now) => ledger.quarantine(database, items, now),
    answer: async (profile, key, interaction, at) => messages.answer(database, profile, key, interaction, at),
    due: async (channel, now, limit) => messages.due(database, channel, now, limit),
    lease: async (keys, until) => messages.lease(database, keys, until),
    settle: async (key, result) => messages.settle(database, key, result),
    setCursor: async (name, value) => {
      database.run('INSERT INTO cursors (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', name, value)
    },
    deadLetter: async (letters) => ledger.deadLetter(database, letters),
    checkpoint: async (snapshots) => profiles.checkpoint(database, snapshots),
  }
}
