import { WaymarkError } from '@waymark/core'
import { codeOf, isAway } from './failure.ts'

const REACH = 'start the server, or mend host and port; what was acknowledged is kept'
const RIGHTS = 'grant the user what it needs: it owns the schema and everything in it'

/** By the code of the server (SQLSTATE) or of the network. */
const MENDS: Readonly<Record<string, string>> = {
  '08006': REACH,
  '25006': 'the server only reads, as a standby does: name the primary',
  '28000': 'mend user and password, or let the user in from here (pg_hba.conf)',
  '28P01': 'mend user and password',
  '3D000': 'create the database, with ENCODING UTF8, or name another',
  '42501': RIGHTS,
  '53100': "make room on the server's disk; nothing that was acknowledged is lost",
  '53300': 'let the server take more connections (max_connections), or use fewer readers',
  '54000': 'an id is longer than PostgreSQL can index (2,700 bytes): send shorter ones',
  '57014': 'something on the server limits how long a statement may take: lift statement_timeout for this user',
  '57P03': 'the server is starting: try again in a moment',
  XX001: 'the database is damaged: restore it from a backup',
  XX002: 'an index is damaged: REINDEX it, or restore the database from a backup',
  ECONNREFUSED: REACH,
  ENOTFOUND: REACH,
  DEPTH_ZERO_SELF_SIGNED_CERT: "name the server's certificate: ssl: { ca }",
  SELF_SIGNED_CERT_IN_CHAIN: "name the server's certificate: ssl: { ca }",
}

export function openFailed(place: string, cause: unknown): WaymarkError {
  if (WaymarkError.is(cause)) return cause
  return new WaymarkError('STORE_OPEN_FAILED', `the database cannot be opened: ${describe(cause)}`, { place, ...mendOf(cause), cause })
}

export function settingsWrong(): WaymarkError {
  const mend = 'write it as postgres://user:password@host:port/database, with %XX for special characters of the password'
  return new WaymarkError('STORE_OPEN_FAILED', 'the connection string cannot be read', { place: 'postgres(options)', mend })
}

export function readFailed(place: string, cause: unknown): WaymarkError {
  if (WaymarkError.is(cause)) return cause
  if (isAway(cause)) return unavailable(place, `the database could not be read: ${describe(cause)}`, cause)
  return new WaymarkError('STORE_READ_FAILED', `the database could not be read: ${describe(cause)}`, { place, ...mendOf(cause), cause })
}

export function writeFailed(place: string, cause: unknown): WaymarkError {
  if (WaymarkError.is(cause)) return cause
  const message = `nothing of the transaction was written: ${describe(cause)}`
  if (isAway(cause)) return unavailable(place, message, cause)
  return new WaymarkError('STORE_WRITE_FAILED', message, { place, ...mendOf(cause), cause })
}

function unavailable(place: string, message: string, cause: unknown): WaymarkError {
  return new WaymarkError('STORE_UNAVAILABLE', message, { place, mend: `do it again in a moment; ${mendOf(cause).mend ?? REACH}`, cause })
}

export function commitUnknown(place: string, cause: unknown): WaymarkError {
  const message = `the connection broke while the commit was on its way, and the server cannot be asked: the transaction may be written or not (${describe(cause)})`
  const mend = 'see that the server can be reached, and read how far the log has come before anything is written on what was known before'
  return new WaymarkError('STORE_COMMIT_UNKNOWN', message, { place, mend, cause })
}

export function takenOver(place: string): WaymarkError {
  const message = 'another host has written to this database since the connection to it was lost: what this process has in memory is no longer so'
  return new WaymarkError('STORE_TAKEN_OVER', message, { place, mend: 'let one host use the database; start this one anew if it is to be the one' })
}

export function inUse(place: string, holder: string): WaymarkError {
  const mend = 'end the other one, or give this one a schema of its own; waymark explain, identity and quarantine may read beside it'
  return new WaymarkError('STORE_IN_USE', `another host writes to this database${holder}, and two would decide apart from each other`, { place, mend })
}

export function schemaMissing(place: string): WaymarkError {
  const mend = 'name the database and the schema of the host, or start the host once'
  return new WaymarkError('STORE_MISSING', 'there is nothing of Waymark in this schema', { place, mend })
}

export function foreignSchema(place: string): WaymarkError {
  const mend = 'name another schema: the store creates it itself'
  return new WaymarkError('STORE_FOREIGN', 'the schema has tables of another program', { place, mend })
}

export function unsuitable(place: string, what: string, mend: string): WaymarkError {
  return new WaymarkError('STORE_UNSUITABLE', what, { place, mend })
}

function mendOf(cause: unknown): { readonly mend?: string } {
  const mend = MENDS[codeOf(cause) ?? '']
  return mend === undefined ? {} : { mend }
}

/** `node:net` gathers the failures of a host's several addresses under an empty message. */
function describe(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(describe).join(', ')
  return cause instanceof Error ? cause.message : String(cause)
}
