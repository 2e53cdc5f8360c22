import type { Store } from '@waymark/core'
import { createTurns, notOpen, openedToRead, type Turns } from '@waymark/core/store-kit'
import { createForgetting, type Forgetting } from './claims.ts'
import { eventsByName } from './compaction.ts'
import { first, type Reader } from './connection.ts'
import { deadLetters, deadLetterTotals, nextRetry } from './dead-letters.ts'
import { erasures, erasureTotals, openErasures, tombstones } from './erasures.ts'
import { openFailed, readFailed } from './errors.ts'
import { keysOf, profilesOf } from './identities.ts'
import { report } from './inspect.ts'
import { journal } from './journal.ts'
import { decisions } from './ledger.ts'
import { cursor, history, readLog } from './log.ts'
import { backlog, message, messages, nextDue, openMessages } from './messages.ts'
import { type PostgresOptions, type Settings, settingsOf } from './options.ts'
import { profileIds, snapshots, wakes } from './profiles.ts'
import { quarantined, quarantineTotals } from './quarantine.ts'
import { createReaders, type Readers } from './readers.ts'
import { inspectToRead } from './schema/migrations.ts'
import { connect } from './session.ts'
import { size } from './size.ts'
import { transact } from './transact.ts'
import { openWriter, type Writer } from './writer.ts'

interface Opened {
  readonly settings: Settings
  readonly readers: Readers
  /** Absent when the store was opened to read only. */
  readonly writer?: Writer
  readonly turns: Turns
  readonly forgetting: Forgetting
}

/**
 * The store on a PostgreSQL server, 14 or newer: in a schema of its own, which is created when it is not there. Touches nothing before
 * `open()`. When a transaction resolves it is on the server's disk. One process writes at a time.
 */
export function postgres(options: string | PostgresOptions): Store {
  let opening: Promise<Opened> | undefined
  let opened: Opened | undefined

  function current(): Opened {
    if (opened === undefined) throw notOpen(settingsOf(options).place)
    return opened
  }

  async function read<T>(query: (reader: Reader) => Promise<T>): Promise<T> {
    const { readers, settings, writer, turns } = current()
    try {
      // A commit may still be under way on the server whose answer was lost: once its session is gone, its fate is known.
      if (writer?.isInDoubt === true) await turns.take(() => writer.current())
      return await query(readers)
    } catch (error) {
      throw readFailed(settings.place, error)
    }
  }

  return {
    name: 'postgres',
    async open({ readOnly = false } = {}) {
      opening ??= readOnly ? openToRead(settingsOf(options)) : openDatabase(settingsOf(options))
      try {
        opened = await opening
      } catch (error) {
        opening = undefined
        throw openFailed(settingsOf(options).place, error)
      }
    },
    async close() {
      const closing = opened
      opened = undefined
      opening = undefined
      await closing?.turns.take(async () => {
        await closing.writer?.close()
        await closing.readers.close()
      })
    },
    async transaction(work) {
      const { writer, turns, settings, forgetting } = current()
      if (writer === undefined) throw openedToRead(settings.place)
      return turns.take(() => transact(writer, settings.place, forgetting, work))
    },
    log: (after, limit) => read((reader) => readLog(reader, after, limit)),
    lastSeq: () => read(async (reader) => (await first<{ seq: number }>(reader, 'SELECT seq FROM head'))?.seq ?? 0),
    cursor: (name) => read((reader) => cursor(reader, name)),
    profilesOf: (keys) => read((reader) => profilesOf(reader, keys)),
    keysOf: (profile) => read((reader) => keysOf(reader, profile)),
    journal: (filter) => read((reader) => journal(reader, filter)),
    history: (profile) => read((reader) => history(reader, profile)),
    eventsByName: (after, upTo, limit) => read((reader) => eventsByName(reader, after, upTo, limit)),
    profileIds: () => read(profileIds),
    snapshots: (profiles) => read((reader) => snapshots(reader, profiles)),
    wakes: () => read(wakes),
    decisions: (filter) => read((reader) => decisions(reader, filter)),
    quarantined: (page) => read((reader) => quarantined(reader, page)),
    quarantineTotals: () => read(quarantineTotals),
    deadLetters: (page) => read((reader) => deadLetters(reader, page)),
    deadLetterTotals: () => read(deadLetterTotals),
    nextRetry: (plugin) => read((reader) => nextRetry(reader, plugin)),
    message: (key) => read((reader) => message(reader, key)),
    openMessages: (profile, channel) => read((reader) => openMessages(reader, profile, channel)),
    messages: (profile) => read((reader) => messages(reader, profile)),
    nextDue: (channel) => read((reader) => nextDue(reader, channel)),
    backlog: (channel) => read((reader) => backlog(reader, channel)),
    tombstones: () => read(tombstones),
    erasures: (filter) => read((reader) => erasures(reader, filter)),
    openErasures: (plugin, limit) => read((reader) => openErasures(reader, plugin, limit)),
    erasureTotals: (now) => read((reader) => erasureTotals(reader, now)),
    size: () => read((reader) => size(reader, current().settings.schema)),
    inspect: () => read((reader) => report(reader, current().settings)),
  }
}

/** Sees what another process has committed, and leaves everything as it is. */
async function openToRead(settings: Settings): Promise<Opened> {
  const session = await connect(settings)
  try {
    await inspectToRead(session, settings)
  } finally {
    await session.end()
  }
  return { settings, readers: createReaders(settings), turns: createTurns(), forgetting: createForgetting() }
}

async function openDatabase(settings: Settings): Promise<Opened> {
  const writer = await openWriter(settings)
  return { settings, writer, readers: createReaders(settings), turns: createTurns(), forgetting: createForgetting() }
}
