import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StoreReport } from '@waymark/core'
import type { Connection } from './connection.ts'
import { logBytes } from './size.ts'

/** At most so many faults are told: one is enough to act on. */
const MOST_FAULTS = 5

/** How the database in this file stands. Writes nothing, and takes no lock that a host would notice. */
export function report(connection: Connection, path: string, isFile: boolean): StoreReport {
  const damage = faults(connection)
  const schema = Number(Object.values(connection.get<object>('PRAGMA user_version') ?? {})[0])
  if (!isFile) return { place: path, schema, bytes: 0, isWritable: true, isInUse: true, damage }
  const file = resolve(path)
  return {
    place: file,
    schema,
    bytes: sizeOf(file) + sizeOf(`${file}-wal`),
    ...(damage.length === 0 ? { logBytes: logBytes(connection) } : {}),
    room: roomAt(dirname(file)),
    isWritable: mayWrite(file),
    isInUse: isLocked(file),
    damage,
  }
}

/** Reads every page and index entry; what the application wrote into them it does not judge. */
function faults(connection: Connection): readonly string[] {
  try {
    const found = connection.all<{ quick_check: string }>(`PRAGMA quick_check(${MOST_FAULTS})`).flatMap(({ quick_check: faults }) => faults.split('\n'))
    return found.filter((fault) => fault !== 'ok' && !fault.startsWith('***'))
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0
}

function roomAt(folder: string): { readonly freeBytes: number; readonly totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

/** The file, and its folder, where SQLite puts the write-ahead log. */
function mayWrite(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    accessSync(dirname(file), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** A host holds an exclusive transaction on the file beside (`lock.ts`), which keeps everybody else from so much as reading it. */
function isLocked(file: string): boolean {
  const lock = `${file}-lock`
  if (!existsSync(lock)) return false
  const database = new DatabaseSync(lock, { readOnly: true, timeout: 0 })
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch {
    return true
  } finally {
    database.close()
  }
}
