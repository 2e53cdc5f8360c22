import type { DuckDBConnection } from '@duckdb/node-api'
import { ANONYMOUS } from '@waymark/core'
import type { Catalog, LakeFile } from './catalog.ts'
import { rowsOf, text } from './engine.ts'
import { layChanged } from './owners.ts'
import { removeFiles, type Written, writeParquet } from './parquet.ts'
import { KEY, scan } from './relation.ts'

const TEXTS = ['type', 'event', 'name', 'messageId', 'userId', 'anonymousId', 'previousId', 'groupId', 'source']
const MOMENTS = ['timestamp', 'receivedAt']
/** A date costs less than its text, and the folder is named the same. Other years are written in ways of their own. */
const DAY =
  "CASE WHEN ts >= -62135596800000 AND ts < 253402300800000 THEN make_date((CASE WHEN ts < 0 THEN ts - 86399999 ELSE ts END // 86400000)::INTEGER) ELSE error('a moment outside the years 1 to 9999') END"
const OBJECTS = ['properties', 'traits', 'context', 'integrations']

/**
 * Takes a file of events, one JSON object a line, plain or packed, straight from DuckDB's reader into Parquet: written first, then held to itself and to the days
 * it falls into, and written once more without the copies only if there are any. How many rows came in comes back. For history: the file is
 * trusted to hold canonical events of users. A line that is no event fails it, and then nothing is taken.
 */
export async function importFile(connection: DuckDBConnection, catalog: Catalog, folder: string, path: string, source: string): Promise<number> {
  const owners = await layChanged(connection, 'import_owners', catalog, [{ owners: 0 } as LakeFile])
  const write = (moments: Moments) => writeParquet(connection, folder, 'events', selectOf(path, source, owners.changed, catalog.ownersVersion() > 0, moments))
  const [[first] = []] = await rowsOf(connection, `SELECT TRY_CAST("timestamp" AS BIGINT) FROM ${lines(path, 'VARCHAR')} LIMIT 1`)
  // Canonical files have numbers, which cost less to read as such; one that has both kinds is read as text.
  let written: readonly Written[] = typeof first === 'bigint' ? await write('BIGINT').catch(() => write('VARCHAR')) : await write('VARCHAR')
  try {
    const fresh = await withoutCopies(connection, catalog, folder, written)
    if (fresh !== undefined) {
      const again = await writeParquet(connection, folder, 'events', fresh)
      await removeFiles(folder, written)
      written = again
    }
    catalog.commit({ add: written.map((file) => ({ ...file, owners: owners.version })) })
  } catch (error) {
    await removeFiles(folder, written)
    throw error
  }
  return written.reduce((sum, { rows }) => sum + rows, 0)
}

/** The rows that are neither twice in the file nor in the lake already; undefined where that is all of them. */
async function withoutCopies(connection: DuckDBConnection, catalog: Catalog, folder: string, written: readonly Written[]): Promise<string | undefined> {
  if (written.length === 0) return undefined
  const rows = scan(folder, written)
  const days = [...new Set(written.map(({ day }) => day))]
  const there = catalog.filesOf('events', days)
  const [[copies] = []] = await rowsOf(connection, `SELECT count(*) > count(DISTINCT hash(source, message_id)) FROM ${rows}`)
  const known = there.length === 0 ? undefined : `${scan(folder, there)} AS known USING (source, message_id, day)`
  const isKnown = known !== undefined && (await rowsOf(connection, `SELECT 1 FROM ${rows} SEMI JOIN ${known} LIMIT 1`)).length > 0
  if (!(copies || isKnown)) return undefined
  const new_ = isKnown ? `${rows} ANTI JOIN ${known}` : rows
  return `SELECT * FROM ${new_} QUALIFY row_number() OVER (PARTITION BY source, message_id, day) = 1`
}

function selectOf(path: string, source: string, changed: string, hasOwners: boolean, moments: Moments): string {
  const moment = (name: string) => (moments === 'BIGINT' ? `"${name}"` : `COALESCE(TRY_CAST("${name}" AS BIGINT), epoch_ms("${name}"::TIMESTAMP))`)
  const object = (name: string) => `COALESCE(${name}, '{}'::JSON) AS ${name}`
  const named = `COALESCE(user_id, '${ANONYMOUS}' || anonymous_id)`
  const read = `SELECT COALESCE("source", ${text(source)}) AS source, "messageId" AS message_id, "userId" AS user_id, "anonymousId" AS anonymous_id,
    ${moment('timestamp')} AS ts, "type", CASE WHEN "type" = 'track' THEN "event" END AS event, "name", "previousId" AS previous_id, "groupId" AS group_id,
    COALESCE(${moment('receivedAt')}, ${moment('timestamp')}) AS received_at, ${OBJECTS.map(object).join(', ')}
    FROM ${lines(path, moments)}`
  const profile = hasOwners ? `COALESCE(changed.profile, ${named})` : named
  const owned = hasOwners ? ` LEFT JOIN ${changed} AS changed ON changed.key = ${KEY}` : ''
  return `SELECT ${profile} AS profile, read.*, ${DAY} AS day FROM (${read}) AS read${owned}`
}

type Moments = 'BIGINT' | 'VARCHAR'

function lines(path: string, moments: Moments): string {
  const columns = [...TEXTS.map((name) => `${name}: 'VARCHAR'`), ...MOMENTS.map((name) => `${name}: '${moments}'`), ...OBJECTS.map((name) => `${name}: 'JSON'`)]
  return `read_json(${text(path)}, format = 'newline_delimited', columns = {${columns.join(', ')}})`
}
