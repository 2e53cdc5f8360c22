import { type Place, WaymarkError } from '../errors.ts'

/** What every store says of its use and of its schema in the same words. `place` names the database, without secrets. */

export function notOpen(place: Place): WaymarkError {
  return new WaymarkError('STORE_NOT_OPEN', 'the store is not open', { place, mend: 'call open() before anything else, and nothing after close()' })
}

export function openedToRead(place: Place): WaymarkError {
  return new WaymarkError('STORE_READ_ONLY', 'the store was opened to read only', { place, mend: 'open it without readOnly' })
}

export function transactionOver(place: Place): WaymarkError {
  const mend = 'await everything that uses the transaction before its function returns'
  return new WaymarkError('STORE_TRANSACTION_OVER', 'the transaction is over and takes no more', { place, mend })
}

export function newerVersion(place: Place, store: string, found: number, known: number): WaymarkError {
  const message = `the database has schema version ${found}, this version of ${store} knows ${known}`
  return new WaymarkError('STORE_NEWER', message, { place, mend: 'run the version of Waymark that wrote it, or a later one' })
}

export function olderVersion(place: Place, store: string, found: number, known: number): WaymarkError {
  const message = `the database has schema version ${found}, this version of ${store} reads ${known}`
  return new WaymarkError('STORE_OLDER', message, { place, mend: 'start the host once: it brings the database up to date' })
}
