import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Store, WaymarkError } from '@waymark/core'
import { createTurns, notOpen, openedToRead, type Turns } from '@waymark/core/store-kit'
import { eventsByName } from './compaction.ts'
import { type Connection, connect } from './connection.ts'
import { deadLetters, deadLetterTotals, nextRetry } from './dead-letters.ts'
import { erasures, erasureTotals, openErasures, tombstones } from './erasures.ts'
import { databaseMissing, isSyncFailure, openFailed, pathMissing, readFailed, syncFailed } from './errors.ts'
import { keysOf, profilesOf } from './identities.ts'
import { report } from './inspect.ts'
import { journal } from './journal.ts'
import { decisions } from './ledger.ts'
import { type Lock, takeLock } from './lock.ts'
import { cursor, history, lastSeq, readLog } from './log.ts'
import { createLogSync, type LogSync } from './log-sync.ts'
import { backlog, message, messages, nextDue, openMessages } from './messages.ts'
import { profileIds, snapshots, wakes } from './profiles.ts'
import { quarantined, quarantineTotals } from './quarantine.ts'
import { inspect, inspectToRead, migrate } from './schema/migrations.ts'
import { size } from './size.ts'
import { transact } from './transaction.ts'

export interface SqliteOptions {
  /** Memory for pages of the database, in megabytes. Default 64. */
  readonly cacheMegabytes?: number
  /** How long to wait for a lock that another process holds, in milliseconds. Default 5000. */
  readonly busyTimeout?: number
}

interface Opened {
  /** Read-only when the store was opened so. */
  readonly writer: Connection
  readonly lock?: Lock
  /** Sees what is committed and nothing else. A database in memory has one connection only, which reads between transactions. */
  readonly reader: Connection | undefined
  readonly turns: Turns
  /** Of a file that is written to. */
  readonly sync?: LogSync
}

const IN_MEMORY = ':memory:'
/** Pages of 4 kB in the write-ahead log after which a commit also brings them into the database: 16 MB. */
const CHECKPOINT_PAGES = 4_000
/** What a single large transaction makes of the write-ahead log beyond this is given back afterwards, in bytes. */
const JOURNAL_LIMIT = 64 * 1024 * 1024

/**
 * The embedded store: one SQLite file, created with its folder when it is not there, or `':memory:'`. Touches nothing
 * before `open()`. When a transaction resolves it is on disk, synced (`log-sync.ts`). One process writes at a time.
 */
export function sqlite(path: string, options: SqliteOptions = {}): Store {
  let opened: Opened | undefined
  /** Why nothing more is written or read. */
  let broken: WaymarkError | undefined

  function current(): Opened {
    if (opened === undefined) throw notOpen(path)
    return opened
  }

  async function read<T>(query: (connection: Connection) => T): Promise<T> {
    const { reader, writer, turns, sync } = current()
    await sync?.settled()
    if (broken !== undefined) throw broken
    try {
      return reader === undefined ? await turns.take(() => query(writer)) : query(reader)
    } catch (error) {
      throw readFailed(path, error)
    }
  }

  return {
    name: 'sqlite',
    async open({ readOnly = false } = {}) {
      opened ??= readOnly && path !== IN_MEMORY ? openToRead(path, options) : openDatabase(path, options)
    },
    async close() {
      const closing = opened
      opened = undefined
      await closing?.turns.take(() => {
        if (closing.reader !== closing.writer) closing.reader?.database.close()
        closing.writer.database.close()
        closing.sync?.close()
        closing.lock?.release()
      })
    },
    async transaction(work) {
      const { writer, turns, lock, sync } = current()
      if (lock === undefined && path !== IN_MEMORY) throw openedToRead(path)
      return turns.take(async () => {
        if (broken !== undefined) throw broken
        try {
          const before = changesOf(writer)
          const result = await transact(writer, path, work)
          if (changesOf(writer) !== before) await sync?.run()
          return result
        } catch (error) {
          // What the system could not write it may have dropped, and would say of the next sync that all is well.
          if (isSyncFailure(error)) broken = syncFailed(path, error)
          throw broken ?? error
        }
      })
    },
    log: (after, limit) => read((connection) => readLog(connection, after, limit)),
    lastSeq: () => read(lastSeq),
    cursor: (name) => read((connection) => cursor(connection, name)),
    profilesOf: (keys) => read((connection) => profilesOf(connection, keys)),
    keysOf: (profile) => read((connection) => keysOf(connection, profile)),
    journal: (filter) => read((connection) => journal(connection, filter)),
    history: (profile) => read((connection) => history(connection, profile)),
    eventsByName: (after, upTo, limit) => read((connection) => eventsByName(connection, after, upTo, limit)),
    profileIds: () => read(profileIds),
    snapshots: (profiles) => read((connection) => snapshots(connection, profiles)),
    wakes: () => read(wakes),
    decisions: (filter) => read((connection) => decisions(connection, filter)),
    quarantined: (page) => read((connection) => quarantined(connection, page)),
    quarantineTotals: () => read(quarantineTotals),
    deadLetters: (page) => read((connection) => deadLetters(connection, page)),
    deadLetterTotals: () => read(deadLetterTotals),
    nextRetry: (plugin) => read((connection) => nextRetry(connection, plugin)),
    message: (key) => read((connection) => message(connection, key)),
    openMessages: (profile, channel) => read((connection) => openMessages(connection, profile, channel)),
    messages: (profile) => read((connection) => messages(connection, profile)),
    nextDue: (channel) => read((connection) => nextDue(connection, channel)),
    backlog: (channel) => read((connection) => backlog(connection, channel)),
    tombstones: () => read(tombstones),
    erasures: (filter) => read((connection) => erasures(connection, filter)),
    openErasures: (plugin, limit) => read((connection) => openErasures(connection, plugin, limit)),
    erasureTotals: (now) => read((connection) => erasureTotals(connection, now)),
    size: () => read(size),
    inspect: () => read((connection) => report(connection, path, path !== IN_MEMORY)),
  }
}

/** Rows written by this connection so far. */
function changesOf(connection: Connection): number {
  return connection.get<{ changes: number }>('SELECT total_changes() AS changes')?.changes ?? 0
}

/** Sees what another process has committed, and leaves everything as it is. */
function openToRead(path: string, { busyTimeout = 5_000 }: SqliteOptions): Opened {
  if (path.trim() === '') throw pathMissing()
  if (!existsSync(path)) throw databaseMissing(resolve(path))
  try {
    const writer = connect(path, { readOnly: true })
    writer.database.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeout)}`)
    inspectToRead(writer.database, path)
    return { writer, reader: writer, turns: createTurns() }
  } catch (error) {
    throw openFailed(path, error)
  }
}

function openDatabase(path: string, { cacheMegabytes = 64, busyTimeout = 5_000 }: SqliteOptions): Opened {
  const isFile = path !== IN_MEMORY
  const connections: Connection[] = []
  let lock: Lock | undefined

  function opening(settings: { readonly readOnly?: boolean } = {}): Connection {
    const connection = connect(path, settings)
    connections.push(connection)
    connection.database.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeout)}; PRAGMA cache_size = ${-Math.trunc(cacheMegabytes * 1024)}`)
    return connection
  }

  // SQLite would take an empty path for a scratch file of its own.
  if (path.trim() === '') throw pathMissing()
  try {
    if (isFile) mkdirSync(dirname(path), { recursive: true })
    if (isFile) lock = takeLock(path)
    const writer = opening()
    // Looked at before the first write, so that a file of somebody else's is left as it was.
    inspect(writer.database, path)
    writer.database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${JOURNAL_LIMIT}`,
    )
    migrate(writer.database)
    // What a process left in the log may be only in the system's memory: it ended before its sync, or because that failed. Written anew and synced,
    // it is believed.
    writer.database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    if (lock === undefined) return { writer, reader: undefined, turns: createTurns() }
    // From here on `log-sync.ts` syncs.
    writer.database.exec('PRAGMA synchronous = NORMAL')
    return { writer, reader: opening({ readOnly: true }), turns: createTurns(), lock, sync: createLogSync(path) }
  } catch (error) {
    for (const { database } of connections) database.close()
    lock?.release()
    throw openFailed(path, error)
  }
}
