import { newerVersion, olderVersion } from '@waymark/core/store-kit'
import { escapeIdentifier } from 'pg'
import { first, type Reader } from '../connection.ts'
import { foreignSchema, schemaMissing, unsuitable } from '../errors.ts'
import type { Settings } from '../options.ts'
import type { Session } from '../session.ts'
import { FIRST } from './first.ts'
import { SECOND } from './second.ts'
import { THIRD } from './third.ts'

/** Step n brings a schema from version n to n + 1. Forward only: a step that was released is never changed. */
const STEPS: readonly string[] = [FIRST, SECOND, THIRD]

const STORE = '@waymark/store-postgres'
const OLDEST_SERVER = 140_000

interface Found {
  readonly server: number
  readonly encoding: string
  /** How many tables, views and the like the schema has. */
  readonly tables: number
  readonly isOurs: boolean
}

/** `waymark_version` is what marks a schema as ours. */
const FOUND = `SELECT current_setting('server_version_num')::int AS server, current_setting('server_encoding') AS encoding,
  count(relname) AS tables, coalesce(bool_or(relname = 'waymark_version'), false) AS "isOurs"
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind IN ('r', 'p', 'v', 'm', 'f')`

/** Refuses a server that does not fit and a schema that is not ours or from a later version. Reads only. The version comes back, 0 for an empty one. */
export async function inspect(reader: Reader, { schema, place }: Settings, steps: readonly string[] = STEPS): Promise<number> {
  const { server, encoding, tables, isOurs } = (await first<Found>(reader, FOUND, schema)) as Found
  if (server < OLDEST_SERVER) throw unsuitable(place, `the server is PostgreSQL ${Math.trunc(server / 10_000)}`, 'use PostgreSQL 14 or newer')
  if (encoding !== 'UTF8') throw unsuitable(place, `the encoding of the database is ${encoding}`, 'create one with ENCODING UTF8 and name that')
  if (!isOurs && tables > 0) throw foreignSchema(place)
  const version = isOurs ? await versionOf(reader) : 0
  if (version > steps.length) throw newerVersion(place, STORE, version, steps.length)
  return version
}

/** The same for who may not change it, and so cannot bring it to the newest version either. */
export async function inspectToRead(reader: Reader, settings: Settings, steps: readonly string[] = STEPS): Promise<void> {
  const version = await inspect(reader, settings, steps)
  if (version === 0) throw schemaMissing(settings.place)
  if (version < steps.length) throw olderVersion(settings.place, STORE, version, steps.length)
}

/**
 * Brings the schema to the newest version, under the lock of the one that writes. Each step commits together with its version number, so that
 * a process or a server that is killed at any point leaves a schema on which the next start goes on.
 */
export async function migrate(session: Session, settings: Settings, steps: readonly string[] = STEPS): Promise<void> {
  // Another host may have made steps before this one had the lock.
  const from = await inspect(session, settings, steps)
  for (const [index, step] of steps.entries()) {
    if (index < from) continue
    await session.script('BEGIN')
    try {
      if (index === 0) await begin(session, settings.schema)
      await session.script(step)
      await session.script(`UPDATE waymark_version SET version = ${index + 1}`)
      await session.script('COMMIT')
    } catch (error) {
      await session.script('ROLLBACK').catch(() => {})
      throw error
    }
  }
}

/** Not `IF NOT EXISTS`, which asks for the right to create even where there is nothing to create. */
async function begin(session: Session, schema: string): Promise<void> {
  const isThere = (await first(session, 'SELECT FROM pg_namespace WHERE nspname = $1', schema)) !== undefined
  if (!isThere) await session.script(`CREATE SCHEMA ${escapeIdentifier(schema)}`)
  await session.script('CREATE TABLE waymark_version (version integer NOT NULL)')
  await session.script('INSERT INTO waymark_version VALUES (0)')
}

async function versionOf(reader: Reader): Promise<number> {
  return (await first<{ version: number }>(reader, 'SELECT version FROM waymark_version'))?.version ?? 0
}
