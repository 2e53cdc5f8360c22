import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeWarehouse } from '@waymark/testkit/warehouse'
import { duckdb } from '../src/duckdb.ts'

describeWarehouse('DuckDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-lake-'))
  return { warehouse: duckdb({ folder, threads: 1 }).warehouse, remove: () => rmSync(folder, { recursive: true }) }
})
