import type { DuckDBConnection } from '@duckdb/node-api'
import type { Catalog, LakeFile } from './catalog.ts'

/** Lays a table of the ids that changed hands since the oldest of these files was written, and says as of which version. */
export async function layChanged(
  connection: DuckDBConnection,
  name: string,
  catalog: Catalog,
  files: readonly LakeFile[],
): Promise<{ version: number; changed: string }> {
  const version = catalog.ownersVersion()
  await connection.run(`CREATE OR REPLACE TABLE ${name} (key VARCHAR, profile VARCHAR)`)
  const oldest = files.reduce((least, { owners }) => Math.min(least, owners), version)
  const changed = oldest < version ? catalog.ownersAfter(oldest) : []
  if (changed.length > 0) {
    const appender = await connection.createAppender(name)
    for (const { key, profile } of changed) {
      appender.appendVarchar(key)
      appender.appendVarchar(profile)
      appender.endRow()
    }
    appender.closeSync()
  }
  return { version, changed: name }
}
