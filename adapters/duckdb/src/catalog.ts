import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type IdentityKey, type WarehouseTable, WaymarkError } from '@waymark/core'

/** A Parquet file that is part of the lake. */
export interface LakeFile {
  /** Within the lake's folder. */
  readonly path: string
  readonly table: WarehouseTable
  readonly day: string
  readonly rows: number
  readonly bytes: number
  /** The owners its `profile` column was written by, as `Catalog.ownersVersion` counts them. */
  readonly owners: number
  /** The columns it has, as `FORMAT` counts them. */
  readonly format: number
}

/** One change of the lake: all of it or nothing. */
export interface Change {
  readonly add?: readonly Omit<LakeFile, 'format'>[]
  readonly remove?: readonly string[]
  /** Who owns an id from now on. Those who did anyway are passed over. */
  readonly owners?: ReadonlyMap<IdentityKey, string>
  readonly forget?: { readonly keys: readonly IdentityKey[]; readonly profile: string }
  /** Files whose `profile` column was found right as of this version of the owners. */
  readonly settled?: { readonly paths: readonly string[]; readonly owners: number }
}

/** Of the columns of `WAREHOUSE_TABLES`: one more for every column that is added to them. */
const FORMAT = 1

/**
 * What the lake consists of: the files, and who owns the ids that do not name their profile themselves. A file that is not in here is
 * none of the lake's, however it came to lie in its folder. One SQLite database, so that a change is atomic and durable, and readers in other
 * processes see it as a whole.
 */
export interface Catalog {
  files(table?: WarehouseTable): readonly LakeFile[]
  filesOf(table: WarehouseTable, days: readonly string[]): readonly LakeFile[]
  /** Grows with each change of an owner. */
  ownersVersion(): number
  ownerOf(key: IdentityKey): string | undefined
  /** Those that changed after a version, as they are now. */
  ownersAfter(version: number): readonly { readonly key: string; readonly profile: string }[]
  keysOf(profile: string): readonly IdentityKey[]
  commit(change: Change): void
  /** Files that were merged or rewritten more than so many milliseconds ago and still lie there. */
  retired(olderThanMs: number): readonly string[]
  buried(paths: readonly string[]): void
  /** Grows with each commit. */
  stamp(): number
  close(): void
}

/** Undefined when there is none to read. */
export function openCatalog(folder: string, { readOnly }: { readonly readOnly: boolean }): Catalog | undefined {
  const path = join(folder, 'catalog.db')
  if (readOnly && !existsSync(path)) return undefined
  const database = new DatabaseSync(path, { readOnly, timeout: 10_000 })
  if (!readOnly) create(database)
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (readOnly && version === 0) {
    database.close()
    return undefined
  }
  if (version > FORMAT) {
    database.close()
    throw new WaymarkError('WAREHOUSE_NEWER', `${resolve(folder)}: this lake was written by a newer version of the adapter`, {
      place: resolve(folder),
      mend: 'update @waymark/adapter-duckdb',
    })
  }
  const files = 'SELECT path, "table", day, rows, bytes, owners, format FROM files'
  const all = <Row>(sql: string, ...values: (string | number)[]) => database.prepare(sql).all(...values) as unknown as Row[]
  const ownerOf = database.prepare('SELECT profile FROM owners WHERE key = ?')
  const list = (values: readonly unknown[]) => JSON.stringify(values)
  const ownersVersion = () => all<{ version: number }>('SELECT COALESCE(MAX(version), 0) AS version FROM owners_version')[0]!.version

  return {
    files: (table) =>
      table === undefined ? all<LakeFile>(`${files} ORDER BY day, path`) : all<LakeFile>(`${files} WHERE "table" = ? ORDER BY day, path`, table),
    filesOf: (table, days) => all<LakeFile>(`${files} WHERE "table" = ? AND day IN (SELECT value FROM json_each(?)) ORDER BY day, path`, table, list(days)),
    ownersVersion,
    ownerOf: (key) => ownerOf.get(key)?.['profile'] as string | undefined,
    ownersAfter: (after) => all<{ key: string; profile: string }>('SELECT key, profile FROM owners WHERE version > ?', after),
    keysOf: (profile) => all<{ key: IdentityKey }>('SELECT key FROM owners WHERE profile = ?', profile).map(({ key }) => key),
    commit(change) {
      within(database, () => apply(database, change, ownersVersion()))
      // What was overwritten in the database is still in its log.
      if (change.forget !== undefined) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    },
    retired: (olderThanMs) =>
      all<{ path: string }>("SELECT path FROM retired WHERE at <= unixepoch('subsec') * 1000 - ?", olderThanMs).map(({ path: one }) => one),
    buried: (paths) => within(database, () => void database.prepare('DELETE FROM retired WHERE path IN (SELECT value FROM json_each(?))').run(list(paths))),
    stamp: () => all<{ n: number }>('SELECT n FROM changes')[0]!.n,
    close: () => database.close(),
  }
}

/** What is deleted is overwritten: an erased id must not be found in what was freed. */
function create(database: DatabaseSync): void {
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, "table" TEXT NOT NULL, day TEXT NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
      owners INTEGER NOT NULL, format INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS files_of_day ON files ("table", day);
    CREATE TABLE IF NOT EXISTS retired (path TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS owners (key TEXT PRIMARY KEY, profile TEXT NOT NULL, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS owners_of_profile ON owners (profile);
    CREATE INDEX IF NOT EXISTS owners_by_version ON owners (version);
    CREATE TABLE IF NOT EXISTS owners_version (version INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS changes (n INTEGER NOT NULL) STRICT;
    INSERT INTO changes SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM changes);
    INSERT INTO owners_version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM owners_version);
    PRAGMA user_version = ${FORMAT};
    COMMIT`)
}

function within(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('UPDATE changes SET n = n + 1')
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function apply(database: DatabaseSync, { add = [], remove = [], owners = new Map(), forget, settled }: Change, before: number): void {
  const insert = database.prepare('INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)')
  for (const file of add) insert.run(file.path, file.table, file.day, file.rows, file.bytes, file.owners, FORMAT)
  const take = database.prepare('DELETE FROM files WHERE path = ?')
  const retire = database.prepare("INSERT OR REPLACE INTO retired VALUES (?, CAST(unixepoch('subsec') * 1000 AS INTEGER))")
  for (const path of remove) {
    if (take.run(path).changes === 0) throw new Error(`${path} is no longer part of the lake`)
    retire.run(path)
  }
  const own = database.prepare('INSERT INTO owners VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET profile = excluded.profile, version = excluded.version')
  for (const [key, profile] of owners) own.run(key, profile, before + 1)
  if (owners.size > 0) database.prepare('UPDATE owners_version SET version = ?').run(before + 1)
  if (forget !== undefined) {
    database.prepare('DELETE FROM owners WHERE profile = ? OR key IN (SELECT value FROM json_each(?))').run(forget.profile, JSON.stringify(forget.keys))
  }
  if (settled !== undefined) {
    database
      .prepare('UPDATE files SET owners = MAX(owners, ?) WHERE path IN (SELECT value FROM json_each(?))')
      .run(settled.owners, JSON.stringify(settled.paths))
  }
}
