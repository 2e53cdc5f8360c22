export type { DuckdbLake } from './duckdb.ts'
export { duckdb } from './duckdb.ts'
export type { LakeInfo, LakeWarehouse } from './lake.ts'
export type { DuckdbOptions } from './options.ts'
