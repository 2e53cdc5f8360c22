import type { StoreSize } from '@waymark/core'
import { first, type Reader } from './connection.ts'

const SIZE = `SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)::bigint AS bytes,
  coalesce(sum(pg_total_relation_size(pg_class.oid)) FILTER (WHERE relname = 'log'), 0)::bigint AS "logBytes"
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind = 'r'`

/** As the server has it on its disk. What of it is free for what comes only a vacuum knows. */
export async function size(reader: Reader, schema: string): Promise<StoreSize> {
  return (await first<StoreSize>(reader, SIZE, schema)) ?? { bytes: 0 }
}
