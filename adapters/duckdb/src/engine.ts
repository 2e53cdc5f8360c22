import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import type { Settings } from './options.ts'
import { spillFolder } from './spill.ts'

/** DuckDB in this process, without a database of its own: what lasts is in the lake. */
export interface Engine {
  connect(): Promise<DuckDBConnection>
  close(): void
}

export async function startEngine({ folder, memoryLimit, threads }: Settings): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    temp_directory: spillFolder(folder),
    // Rows are sorted where their order matters.
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    ...(threads === undefined ? {} : { threads: String(threads) }),
  })
  return {
    connect: () => instance.connect(),
    close: () => instance.closeSync(),
  }
}

/** The rows of a statement as arrays. */
export async function rowsOf(connection: DuckDBConnection, sql: string, values: DuckDBValue[] = []): Promise<readonly (readonly unknown[])[]> {
  return (await connection.runAndReadAll(sql, values)).getRowsJS()
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

export function textList(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`
}
