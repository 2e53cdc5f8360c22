import { WaymarkError } from '@waymark/core'

/** What node:sqlite throws; `errcode` is SQLite's own result code, extended. */
interface SqliteFailure extends Error {
  readonly errcode: number
}

const BUSY = 5
const READ_ONLY = 8
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26

const MENDS: Readonly<Record<number, string>> = {
  [BUSY]: 'another process is writing to this database: let only one host use it at a time',
  [READ_ONLY]: 'make the file and its folder writable for the user that runs this process',
  [CORRUPT]: 'the file is damaged: restore it from a backup, or move it away to begin a new one',
  [FULL]: 'make room on the disk; nothing that was acknowledged is lost',
  [CANNOT_OPEN]: 'check that the path names a file in a folder this process may write to',
  [NOT_A_DATABASE]: 'the path names a file that is something else: name another path, or move the file away',
}

export function openFailed(path: string, cause: unknown): WaymarkError {
  if (WaymarkError.is(cause)) return cause
  return new WaymarkError('STORE_OPEN_FAILED', `the database cannot be opened: ${describe(cause)}`, { place: path, ...mendOf(cause), cause })
}

export function readFailed(path: string, cause: unknown): WaymarkError {
  if (WaymarkError.is(cause)) return cause
  return new WaymarkError('STORE_READ_FAILED', `the database could not be read: ${describe(cause)}`, { place: path, ...mendOf(cause), cause })
}

export function writeFailed(path: string, cause: unknown): WaymarkError {
  if (WaymarkError.is(cause)) return cause
  return new WaymarkError('STORE_WRITE_FAILED', `nothing of the transaction was written: ${describe(cause)}`, { place: path, ...mendOf(cause), cause })
}

/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. */
const SYNC_FAILURES = [1_034, 1_290]

/** Whether a transaction failed since the disk did not say that it had it. */
export function isSyncFailure(error: unknown): boolean {
  if (!WaymarkError.is(error)) return false
  return error.code === 'STORE_SYNC_FAILED' || (isSqliteFailure(error.cause) && SYNC_FAILURES.includes(error.cause.errcode))
}

export function syncFailed(path: string, cause: unknown): WaymarkError {
  if (WaymarkError.is(cause) && cause.code === 'STORE_SYNC_FAILED') return cause
  const message = 'the disk failed to write what it was given (fsync); nothing more is written or read before the host is started again'
  const mend = 'look after the disk first; what did arrive is read then, and everything that was acknowledged did'
  return new WaymarkError('STORE_SYNC_FAILED', message, { place: path, mend, cause })
}

export function pathMissing(): WaymarkError {
  return new WaymarkError('STORE_PATH_MISSING', 'the store has no path', { place: 'sqlite(path)', mend: "name a file, or ':memory:'" })
}

export function inUse(path: string, cause: unknown): WaymarkError {
  const mend = 'end the other one, or give this one a database of its own; waymark explain, identity and quarantine may read beside it'
  return new WaymarkError('STORE_IN_USE', 'another process writes to this database, and two would decide apart from each other', { place: path, mend, cause })
}

export function databaseMissing(path: string): WaymarkError {
  return new WaymarkError('STORE_MISSING', `there is no database at ${path}`, {
    place: path,
    mend: 'run the command in the folder the host runs in, or name the path in full',
  })
}

export function foreignDatabase(path: string): WaymarkError {
  const mend = 'name another path: the store creates its file itself'
  return new WaymarkError('STORE_FOREIGN', 'the file is a SQLite database of another program', { place: path, mend })
}

function mendOf(cause: unknown): { readonly mend?: string } {
  const code = isSqliteFailure(cause) ? cause.errcode & 0xff : undefined
  const mend = code === undefined ? undefined : MENDS[code]
  return mend === undefined ? {} : { mend }
}

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
