export type { WarehouseUnderTest } from './describe-warehouse.ts'
export { describeWarehouse } from './describe-warehouse.ts'
export type { Asked } from './rows.ts'
export { rowsOf } from './rows.ts'
