import type { QueryOptions, Warehouse, WarehouseRow } from '@waymark/core'

export type Asked = Pick<Warehouse, 'query'>

/** All rows of a query. */
export async function rowsOf<Row = WarehouseRow>(warehouse: Asked, sql: string, options?: QueryOptions): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const page of warehouse.query<Row>(sql, options)) rows.push(...page)
  return rows
}
